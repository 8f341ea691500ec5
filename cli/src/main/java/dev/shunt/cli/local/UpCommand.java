package dev.shunt.cli.local;

import dev.shunt.embedded.Folders;
import dev.shunt.local.Cluster;
import dev.shunt.local.ClusterOptions;
import dev.shunt.local.Clusters;
import dev.shunt.local.Engine;
import dev.shunt.local.demo.ShopLoader;
import dev.shunt.service.Service;
import dev.shunt.service.ServiceMain;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code up}: a whole cluster on this machine until it is asked to stop. */
@Command(
    name = "up",
    description = {
      "Starts everything on this machine: Kafka, registry, topology, databases, tablets, services.",
      "Prints one JSON object with the endpoints when it is ready; ends on SIGTERM and Ctrl-C."
    },
    mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
  private static final long MOST_ROWS = 100_000_000;
  private static final String USUAL_ROOT = "/vitess/global";

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Keep data there over restarts; without it everything goes when it ends.")
  @Nullable Path dataDir;

  @Option(
      names = "--engine",
      paramLabel = "mariadb|mysql",
      description = "Databases to start (${DEFAULT-VALUE}).")
  Engine engine = Engine.MARIADB;

  @Option(
      names = "--mysql",
      paramLabel = "KEYSPACE/SHARD=JDBC-URL",
      description =
          "Put that shard's tablet beside a database of yours, for instance"
              + " commerce/0=jdbc:mysql://db:3306/shop?user=u&password=p. May be repeated.")
  Map<String, String> databases = new LinkedHashMap<>();

  @Option(names = "--kafka", paramLabel = "SERVERS", description = "Use this Kafka.")
  @Nullable String kafka;

  @Option(names = "--registry", paramLabel = "URL", description = "Use this schema registry.")
  @Nullable String registry;

  @Option(
      names = "--etcd",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "Keep the topology in this etcd instead of local files.")
  List<String> etcd = List.of();

  @Option(
      names = "--topo-global-root",
      paramLabel = "PATH",
      description = "Where the global records are in that etcd (${DEFAULT-VALUE}).")
  String globalRoot = USUAL_ROOT;

  @Option(
      names = "--no-tablets",
      description =
          "Start no tablets and no databases: all services in one process, beside the tablets of"
              + " a cluster that is there. Needs --etcd.")
  boolean noTablets;

  @Option(
      names = "--shop",
      paramLabel = "ROWS",
      description =
          "Load the tables of the demo's shop into keyspace commerce, with so many orders, to try"
              + " things on.")
  long shop;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    Path directory = dataDir == null ? Files.createTempDirectory("shunt-up") : dataDir;
    ClusterOptions options =
        ClusterOptions.in(directory)
            .withEngine(engine)
            .withDatabases(databases)
            .withServers(kafka, registry, etcd)
            .withGlobalRoot(globalRoot);
    ServiceMain.run(
        new ClusterService(
            noTablets ? options.withoutTablets() : options,
            shop,
            dataDir == null ? directory : null),
        new PrintStream(System.out, true, StandardCharsets.UTF_8));
    return 0;
  }

  /** What would be silently passed over is refused. */
  private void check() {
    if (shop < 0 || shop > MOST_ROWS) {
      throw refusal("--shop must be between 0 and %,d, not %,d".formatted(MOST_ROWS, shop));
    }
    if (dataDir != null && dataDir.toString().isBlank()) {
      throw refusal("--data-dir is empty: name a folder");
    }
    if (noTablets && etcd.isEmpty()) {
      throw refusal("--no-tablets needs --etcd: where the topology of your tablets is");
    }
    if (noTablets && !databases.isEmpty()) {
      throw refusal("--mysql puts a tablet beside a database, and --no-tablets starts none");
    }
    if (noTablets && shop != 0) {
      throw refusal("--shop fills a database that is started here, and --no-tablets starts none");
    }
    if (etcd.isEmpty() && !globalRoot.equals(USUAL_ROOT)) {
      throw refusal("--topo-global-root is a place in an etcd: name that with --etcd");
    }
  }

  private CommandLine.ParameterException refusal(String message) {
    return new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  /** The cluster as something that is started and stopped. */
  private static final class ClusterService implements Service {
    private final ClusterOptions options;
    private final long shop;
    private final @Nullable Path temporary;
    private @Nullable Cluster cluster;

    /** With a folder that goes with the cluster. */
    ClusterService(ClusterOptions options, long shop, @Nullable Path temporary) {
      this.options = options;
      this.shop = shop;
      this.temporary = temporary;
    }

    @Override
    public String name() {
      return "up";
    }

    @Override
    public void start() {
      System.err.println(
          "starting Kafka, databases, tablets and services, or those of them that are asked for, in "
              + options.directory());
      cluster = Clusters.oneJvm(options);
      if (shop > 0) {
        ShopLoader.load(
            cluster,
            shop,
            System.err,
            Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false));
      }
    }

    @Override
    public String readyLine() {
      return cluster == null ? Service.super.readyLine() : cluster.endpoints().toJson();
    }

    @Override
    public void close() {
      if (cluster != null) {
        cluster.close();
      }
      if (temporary != null) {
        try {
          Folders.delete(temporary);
        } catch (IOException e) {
          throw new UncheckedIOException("can't delete " + temporary, e);
        }
      }
    }
  }
}

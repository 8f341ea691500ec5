package dev.shunt.cli.local;

import dev.shunt.embedded.Engine;
import dev.shunt.embedded.Folders;
import dev.shunt.local.ClusterOptions;
import dev.shunt.local.Clusters;
import dev.shunt.local.JdbcUrl;
import dev.shunt.local.LocalCluster;
import dev.shunt.local.demo.ShopLoader;
import dev.shunt.mysql.MysqlEndpoint;
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
      paramLabel = "KEYSPACE/SHARD=URL",
      description =
          "Make that shard, with its tablet beside a database of yours, for instance"
              + " old/0=mysql://u:p@db:3306/shop or"
              + " old/0=jdbc:mysql://db:3306/shop?user=u&password=p. Keyspaces have the names that you"
              + " give; the shard of one that is not sharded is 0, else name them all (-80, 80-)."
              + " Without it there are the demo's keyspaces. May be repeated.")
  List<String> databases = List.of();

  @Option(
      names = "--shard",
      paramLabel = "KEYSPACE/SHARD",
      description =
          "Make that shard beside a database that is started here, besides those of --mysql. May be"
              + " repeated.")
  List<String> started = List.of();

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
              + " things on. Once: a cluster that has that shop is left as it is.")
  long shop;

  @Spec @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    ClusterOptions requested = requested();
    Path directory = dataDir == null ? Files.createTempDirectory("shunt-up") : dataDir;
    ServiceMain.run(
        new ClusterService(
            requested.withDirectory(directory), shop, dataDir == null ? directory : null),
        new PrintStream(System.out, true, StandardCharsets.UTF_8));
    return 0;
  }

  /** What is to be started, but for a folder that is made for it. */
  private ClusterOptions requested() {
    ClusterOptions options =
        ClusterOptions.in(dataDir == null ? Path.of(System.getProperty("java.io.tmpdir")) : dataDir)
            .withEngine(engine)
            .withServers(kafka, registry, etcd)
            .withGlobalRoot(globalRoot);
    if (noTablets) {
      return options.withoutTablets();
    }
    if (!databases.isEmpty() || !started.isEmpty()) {
      try {
        options = options.withShards(given(), started);
      } catch (IllegalArgumentException e) {
        throw refusal("--mysql and --shard: " + e.getMessage());
      }
    }
    if (shop != 0 && !ShopLoader.fits(options.layout())) {
      throw refusal(
          "--shop fills commerce/0 and tells keyspace customer how to spread that: name both or no"
              + " shard at all");
    }
    return options;
  }

  /** The databases of --mysql; what is wrong with one is reported without its address. */
  private Map<String, MysqlEndpoint> given() {
    Map<String, MysqlEndpoint> given = new LinkedHashMap<>();
    for (String text : databases) {
      int equals = text.indexOf('=');
      String name = equals < 0 ? "" : text.substring(0, equals);
      if (name.isEmpty() || name.contains(":")) {
        throw refusal(
            "--mysql needs KEYSPACE/SHARD=URL, for instance old/0=mysql://u:***@db:3306/shop");
      }
      MysqlEndpoint endpoint;
      try {
        endpoint = JdbcUrl.parse(text.substring(equals + 1));
      } catch (IllegalArgumentException e) {
        throw refusal("--mysql %s: %s".formatted(name, e.getMessage()));
      }
      if (given.put(name, endpoint) != null) {
        throw refusal("--mysql %s: named twice".formatted(name));
      }
    }
    return given;
  }

  /** What would be silently passed over is refused. */
  private void check() {
    if (shop != 0 && (shop < ShopLoader.LEAST_ROWS || shop > MOST_ROWS)) {
      throw refusal(
          "--shop must be between %d and %,d, not %,d"
              .formatted(ShopLoader.LEAST_ROWS, MOST_ROWS, shop));
    }
    if (dataDir != null && dataDir.toString().isBlank()) {
      throw refusal("--data-dir is empty: name a folder");
    }
    if (noTablets && etcd.isEmpty()) {
      throw refusal("--no-tablets needs --etcd: where the topology of your tablets is");
    }
    if (noTablets && !(databases.isEmpty() && started.isEmpty())) {
      throw refusal(
          "--mysql and --shard put a tablet beside a database, and --no-tablets starts none");
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
    private @Nullable LocalCluster cluster;

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

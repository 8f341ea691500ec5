package dev.shunt.bench.server;

import dev.shunt.bench.measure.Probe;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import io.vitess.proto.Topodata;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The primary tablet of shard {@value #SHARD} of a keyspace, in a JVM of its own. Its topology is a
 * folder of its own too, into which the tablets that it has to know are written before it starts.
 */
public final class TabletProcess implements Probe, AutoCloseable {
  /** The only shard of a benchmark's keyspaces. */
  public static final String SHARD = "0";

  private static final String LOGGING = "logback.configurationFile";
  private static final String CELL = "zone1";
  private static final long PATIENCE_SECONDS = 10;
  private static final double MEGABYTE = 1 << 20;

  private final String name;
  private final Topodata.Tablet record;
  private final Process process;
  private final BufferedReader out;
  private final PrintWriter in;

  private TabletProcess(
      String name, Topodata.Tablet record, Process process, BufferedReader out, PrintWriter in) {
    this.name = name;
    this.record = record;
    this.process = process;
    this.out = out;
    this.in = in;
  }

  /**
   * How a tablet is started.
   *
   * @param name what it is called in figures
   * @param uid its number
   * @param keyspace its keyspace; its database is {@code vt_} and that
   * @param folder for its topology and its log
   * @param javaOptions options of its JVM, the size of the heap among them
   * @param known tablets that it can read from
   */
  public record Setup(
      String name,
      int uid,
      String keyspace,
      Path folder,
      List<String> javaOptions,
      List<Topodata.Tablet> known) {
    public Setup {
      javaOptions = List.copyOf(javaOptions);
      known = List.copyOf(known);
    }
  }

  /** Starts a tablet beside a database and waits until it serves. */
  public static TabletProcess start(Setup setup, Instance database) {
    try {
      Files.createDirectories(setup.folder());
      Path topology = setup.folder().resolve("topo");
      prepare(topology, setup.known());
      Path log = setup.folder().resolve("tablet.log");
      Process process =
          new ProcessBuilder(command(setup, topology, database))
              .redirectError(log.toFile())
              .start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      int port = awaitServing(setup.name(), out, process, log);
      return new TabletProcess(
          setup.name(),
          record(setup, port),
          process,
          out,
          new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true));
    } catch (IOException e) {
      throw new UncheckedIOException(setup.name() + " can't be started", e);
    }
  }

  private static void prepare(Path topology, List<Topodata.Tablet> known) {
    try (Topo topo = Topos.local(topology)) {
      topo.createCell(CELL, Topodata.CellInfo.newBuilder().setRoot("/vitess/" + CELL).build());
      for (Topodata.Tablet tablet : known) {
        topo.createKeyspace(
            tablet.getKeyspace(), Topodata.Keyspace.newBuilder().setSidecarDbName("_vt").build());
        var _ = topo.createShard(tablet.getKeyspace(), tablet.getShard());
        topo.registerTablet(tablet);
      }
      topo.rebuildSrvVSchema(List.of());
    }
  }

  private static List<String> command(Setup setup, Path topology, Instance database) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    @Nullable String logging = System.getProperty(LOGGING);
    if (logging != null) {
      command.add("-D" + LOGGING + "=" + logging);
    }
    command.addAll(setup.javaOptions());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            TabletMain.class.getName(),
            Integer.toString(setup.uid()),
            setup.keyspace(),
            topology.toString(),
            Integer.toString(database.server().port()),
            database.server().user(),
            database.server().password(),
            Objects.requireNonNullElse(database.socket(), "")));
    return command;
  }

  private static int awaitServing(String name, BufferedReader out, Process process, Path log)
      throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(TabletMain.SERVING)) {
        return Integer.parseInt(line.substring(TabletMain.SERVING.length()).trim());
      }
    }
    process.destroyForcibly();
    throw new IllegalStateException(
        name + " ended before it served; its log:\n" + Files.readString(log));
  }

  private static Topodata.Tablet record(Setup setup, int port) {
    return Topodata.Tablet.newBuilder()
        .setAlias(Topodata.TabletAlias.newBuilder().setCell(CELL).setUid(setup.uid()))
        .setHostname("127.0.0.1")
        .putPortMap("grpc", port)
        .setKeyspace(setup.keyspace())
        .setShard(SHARD)
        .setType(Topodata.TabletType.PRIMARY)
        .build();
  }

  /** Its record, with the address at which it can be called. */
  public Topodata.Tablet record() {
    return record;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void resetHeapPeak() {
    var _ = ask(TabletMain.RESET);
  }

  @Override
  public Optional<Double> heapPeakMegabytes() {
    return Optional.of(Long.parseLong(ask(TabletMain.PEAK)) / MEGABYTE);
  }

  private synchronized String ask(String question) {
    in.println(question);
    try {
      String answer = out.readLine();
      if (answer == null) {
        throw new IllegalStateException(name + " has ended");
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(name + " can't be asked", e);
    }
  }

  /** Ends it; the end of its input is what it waits for. */
  @Override
  public void close() {
    in.close();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}

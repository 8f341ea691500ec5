package dev.shunt.local;

import dev.shunt.topo.Topo;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A tablet in a JVM of its own, which can be killed and started again. */
final class TabletChild implements AutoCloseable {
  private final List<String> command;
  private final Path log;
  private Process process;

  /**
   * Starts it and waits until it serves.
   *
   * @param etcd endpoint of the topology
   * @param databasePort port of its database on 127.0.0.1
   * @param log where it logs to; later lives overwrite it
   */
  TabletChild(String etcd, int uid, String keyspace, int databasePort, Path log)
      throws IOException {
    this.command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx384m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            TabletMain.class.getName(),
            etcd,
            Integer.toString(uid),
            keyspace,
            "0",
            Integer.toString(databasePort));
    this.log = log;
    this.process = launch();
  }

  /** Makes the cell and the shards that both tablets of these tests are in. */
  static void prepare(Topo topo, String etcd) {
    Layout layout =
        new Layout(
            "zone1",
            List.of(new Layout.Place(100, "commerce", "0"), new Layout.Place(200, "archive", "0")));
    TopoPreparation.ensureCell(
        topo,
        ClusterOptions.in(Path.of("unused"))
            .withLayout(layout)
            .withServers(null, null, List.of(etcd)));
  }

  private Process launch() throws IOException {
    Process started = new ProcessBuilder(command).redirectError(log.toFile()).start();
    BufferedReader out = started.inputReader();
    String line = out.readLine();
    while (line != null && !line.equals("serving")) {
      line = out.readLine();
    }
    if (line == null) {
      throw new IOException("a tablet ended before it served; see " + log);
    }
    Thread.ofVirtual().start(() -> out.lines().forEach(rest -> {}));
    return started;
  }

  /** Ends it as a crash would; returns when it is gone. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Stops it (SIGSTOP): it does nothing, and its sockets stay open. */
  void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Lets it go on after {@link #pause()}. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    int result =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (result != 0) {
      throw new IOException("kill -" + name + " ended with " + result);
    }
  }

  /** Whether it still runs. */
  boolean isAlive() {
    return process.isAlive();
  }

  /** Starts it again after {@link #kill()}. */
  void start() throws IOException {
    process = launch();
  }

  @Override
  public void close() {
    kill();
  }
}

package dev.shunt.embedded;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An etcd of one member on 127.0.0.1, or a member of several. The program comes from the {@code
 * PATH}, else from where {@code deploy/tools/get-etcd.sh} puts it.
 */
public final class EtcdServer implements AutoCloseable {
  /** What to do where no etcd is found. */
  public static final String HINT = "no etcd found: run deploy/tools/get-etcd.sh, or install it";

  private final int port;
  private final ServerProcess process;

  private EtcdServer(int port, ServerProcess process) {
    this.port = port;
    this.process = process;
  }

  public static boolean isAvailable() {
    return program().isPresent();
  }

  /** True where a test has to run with etcd: it is there, or {@code CI=true} wants it. */
  public static boolean isAvailableOrRequired() {
    return isAvailable() || Tools.mustBePresent();
  }

  /**
   * Starts on a new or used directory; port 0 takes a free one.
   *
   * @throws EmbeddedServerException when there is no etcd, or it does not start
   */
  public static EtcdServer start(Path directory, int port) {
    int peerPort = Ports.kept();
    return start(directory, "shunt", port, peerPort, peerPort, "shunt=" + url(peerPort));
  }

  /**
   * Starts the members of a cluster, each in a folder of its own below a new one.
   *
   * @param way for the port on which a member listens for the others, the one at which they call it
   */
  public static List<EtcdServer> startCluster(Path directory, int size, IntUnaryOperator way) {
    List<Integer> peers = IntStream.range(0, size).mapToObj(i -> Ports.kept()).toList();
    List<Integer> called = peers.stream().map(way::applyAsInt).toList();
    String all =
        IntStream.range(0, size)
            .mapToObj(i -> "member" + i + "=" + url(called.get(i)))
            .collect(Collectors.joining(","));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // None is ready before most of them run.
      return IntStream.range(0, size)
          .mapToObj(i -> {
            String name = "member" + i;
            return CompletableFuture.supplyAsync(
                () -> start(directory.resolve(name), name, 0, peers.get(i), called.get(i), all),
                threads);
          })
          .toList()
          .stream()
          .map(CompletableFuture::join)
          .toList();
    }
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  private static EtcdServer start(
      Path directory, String name, int port, int peerPort, int calledPort, String all) {
    Path program = program().orElseThrow(() -> new EmbeddedServerException(HINT));
    int clientPort = Ports.orFree(port);
    Path absolute = directory.toAbsolutePath().normalize();
    String client = url(clientPort);
    List<String> command =
        List.of(
            program.toString(),
            "--name=" + name,
            "--data-dir=" + absolute.resolve("data"),
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + url(peerPort),
            "--initial-advertise-peer-urls=" + url(calledPort),
            "--initial-cluster=" + all,
            "--initial-cluster-state=new",
            "--unsafe-no-fsync",
            "--log-level=warn");
    return new EtcdServer(
        clientPort, new ServerProcess("etcd", absolute, command, URI.create(client + "/health")));
  }

  private static Optional<Path> program() {
    return Tools.onPath("etcd")
        .or(() -> Tools.executable(Tools.directory().resolve("etcd/bin/etcd")));
  }

  public int port() {
    return port;
  }

  /** Such as {@code http://127.0.0.1:2379}. */
  public String endpoint() {
    return url(port);
  }

  public long pid() {
    return process.pid();
  }

  public boolean running() {
    return process.running();
  }

  /** Starts it again on the same port after {@link #stop()} or {@link #kill()}. */
  public void start() {
    process.start();
  }

  public void stop() {
    process.stop();
  }

  /** Ends it as a crash would (SIGKILL). */
  public void kill() {
    process.kill();
  }

  /** Freezes it (SIGSTOP) until {@link #resume()}. */
  public void pause() {
    process.signal("STOP");
  }

  public void resume() {
    process.signal("CONT");
  }

  /** As {@link #stop()}; the data stays. */
  @Override
  public void close() {
    stop();
  }
}

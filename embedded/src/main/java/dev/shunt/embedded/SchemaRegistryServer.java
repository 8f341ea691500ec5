package dev.shunt.embedded;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An Apicurio schema registry with its Confluent-compatible API, as a process of its own. The
 * program comes from where {@code deploy/tools/get-registry.sh} puts it.
 */
public final class SchemaRegistryServer implements AutoCloseable {
  /** What to do where it is not found. */
  public static final String HINT = "no schema registry found: run deploy/tools/get-registry.sh";

  private final int port;
  private final ServerProcess process;

  private SchemaRegistryServer(int port, ServerProcess process) {
    this.port = port;
    this.process = process;
  }

  public static boolean isAvailable() {
    return Files.exists(jar());
  }

  /** True where a test has to run with it: it is there, or {@code CI=true} wants it. */
  public static boolean isAvailableOrRequired() {
    return isAvailable() || Tools.mustBePresent();
  }

  /**
   * Starts on a new or used directory, where its schemas are kept; port 0 takes a free one. Its
   * compatibility level is NONE until one is set.
   *
   * @throws EmbeddedServerException when it is not there, or does not start
   */
  public static SchemaRegistryServer start(Path directory, int port) {
    if (!isAvailable()) {
      throw new EmbeddedServerException(HINT);
    }
    int httpPort = Ports.orFree(port);
    Path absolute = directory.toAbsolutePath().normalize();
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dquarkus.http.host=127.0.0.1",
            "-Dquarkus.http.port=" + httpPort,
            "-Dquarkus.management.host=127.0.0.1",
            "-Dquarkus.management.port=" + Ports.kept(),
            "-Dapicurio.storage.kind=sql",
            "-Dapicurio.storage.sql.kind=h2",
            "-Dapicurio.datasource.url=jdbc:h2:file:"
                + absolute.resolve("registry")
                + ";DB_CLOSE_ON_EXIT=FALSE",
            "-jar",
            jar().toString());
    return new SchemaRegistryServer(
        httpPort,
        new ServerProcess(
            "the schema registry",
            absolute,
            command,
            URI.create("http://127.0.0.1:" + httpPort + "/apis/ccompat/v7/subjects")));
  }

  private static Path jar() {
    return Tools.directory().resolve("registry/quarkus-run.jar");
  }

  public int port() {
    return port;
  }

  /** Base address of the Confluent-compatible API. */
  public String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
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

  @Override
  public void close() {
    stop();
  }
}

package dev.shunt.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.shunt.embedded.BoundProcess;
import dev.shunt.service.Durations;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A service in a process of its own: {@code shunt service NAME --config FILE}. */
public final class ServiceProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** System property with a cache of loaded classes, made from the class path of this JVM. */
  private static final String CLASS_CACHE = "shunt.classCache";

  /** How many virtual threads may compute at a time; as in this process. */
  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private final String name;
  private final Path log;
  private final Process process;
  private final CompletableFuture<JsonNode> ready = new CompletableFuture<>();

  private ServiceProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a service; it need not be ready yet when this returns.
   *
   * @param service name of the service
   * @param instance distinguishes this process from others of the service
   * @param directory where its configuration and its log are written
   * @param config its configuration
   */
  public static ServiceProcess start(
      String service, String instance, Path directory, Map<String, ?> config) {
    try {
      Files.createDirectories(directory);
      Path file = directory.resolve(instance + ".yaml");
      keepToOwner(file); // a tablet's has the password of its database
      YAML.writeValue(file.toFile(), config);
      Path log = directory.resolve(instance + ".log");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow",
              "-Xmx384m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1"));
      String carriers = System.getProperty(CARRIERS);
      if (carriers != null) {
        command.add("-D" + CARRIERS + "=" + carriers);
      }
      String cache = System.getProperty(CLASS_CACHE);
      if (cache != null) {
        command.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:disable", "-Xlog:all=error:stderr"));
      }
      command.addAll(
          List.of(
              "-cp",
              System.getProperty("java.class.path"),
              "dev.shunt.cli.Shunt",
              "service",
              service,
              "--config",
              file.toString()));
      Process process =
          BoundProcess.start(
              new ProcessBuilder(command)
                  .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())));
      ServiceProcess started = new ServiceProcess(instance, log, process);
      Thread.ofVirtual().start(started::follow);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("can't start service " + service, e);
    }
  }

  private static void keepToOwner(Path file) throws IOException {
    if (!Files.exists(file)) {
      Files.createFile(file);
    }
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  private void follow() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("{")) {
          ready.complete(JSON.readTree(line));
        }
      }
    } catch (JsonProcessingException e) {
      ready.completeExceptionally(e);
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
    ready.completeExceptionally(
        new IllegalStateException(name + " ended before it was ready; see " + log));
  }

  /**
   * Waits until it is ready.
   *
   * @return the line it printed: its name and endpoints
   */
  public JsonNode awaitReady(Duration wait) throws InterruptedException {
    try {
      return ready.get(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(name + " did not start; see " + log, e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          name + " was not ready within " + Durations.text(wait) + "; see " + log, e);
    }
  }

  /** Instance name. */
  public String name() {
    return name;
  }

  /** Process id. */
  public long pid() {
    return process.pid();
  }

  /** Whether it has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it at once, as {@code kill -9}. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Asks it to stop, and ends it when it has not within ten seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}

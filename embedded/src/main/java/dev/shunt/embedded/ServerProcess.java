package dev.shunt.embedded;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server process that says over HTTP that it is ready, and can be started again. */
final class ServerProcess {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(15);

  private final String name;
  private final Path directory;
  private final List<String> command;
  private final URI health;
  private ChildProcess process;

  ServerProcess(String name, Path directory, List<String> command, URI health) {
    this.name = name;
    this.directory = directory;
    this.command = List.copyOf(command);
    this.health = health;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new EmbeddedServerException(directory + " can't be made: " + e.getMessage(), e);
    }
    this.process = launch();
  }

  synchronized long pid() {
    return process.pid();
  }

  synchronized boolean running() {
    return process.isAlive();
  }

  synchronized void start() {
    if (!process.isAlive()) {
      process = launch();
    }
  }

  synchronized void stop() {
    if (process.isAlive()) {
      process.stop(STOP);
    }
  }

  synchronized void kill() {
    process.kill();
  }

  synchronized void signal(String signal) {
    process.signal(signal);
  }

  private ChildProcess launch() {
    ChildProcess started =
        ChildProcess.start(name, command, directory, directory.resolve("server.log"), Map.of());
    try (HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build()) {
      started.awaitReady(START, () -> answers(client));
    }
    return started;
  }

  private boolean answers(HttpClient client) {
    try {
      HttpRequest request = HttpRequest.newBuilder(health).timeout(Duration.ofSeconds(2)).build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

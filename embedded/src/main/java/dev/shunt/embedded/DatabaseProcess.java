package dev.shunt.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** What the processes of the two families of servers have in common. */
final class DatabaseProcess {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 3;

  private final String name;
  private final DatabaseSettings settings;
  private final IntFunction<List<String>> command;
  private int port;
  private ChildProcess process;

  /** Starts the server that {@code command} gives for a port. */
  DatabaseProcess(String name, DatabaseSettings settings, IntFunction<List<String>> command) {
    this.name = name;
    this.settings = settings;
    this.command = command;
    this.process = firstStart();
  }

  /** The first line of what a server's program says of its version. */
  static String version(Path program) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--no-defaults", "--version")
              .redirectErrorStream(true)
              .start();
      try (BufferedReader reader = process.inputReader()) {
        return String.valueOf(reader.readLine());
      }
    } catch (IOException e) {
      // A mysqld that can't even tell its version is as good as none.
      return "MariaDB?";
    }
  }

  int port() {
    return port;
  }

  Path socket() {
    return settings.socket();
  }

  synchronized long pid() {
    return process.pid();
  }

  synchronized boolean running() {
    return process.isAlive();
  }

  synchronized void start() {
    if (!process.isAlive()) {
      process = startOn(port);
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

  private ChildProcess firstStart() {
    for (int attempt = 1; ; attempt++) {
      port = Ports.orFree(settings.port());
      try {
        return startOn(port);
      } catch (EmbeddedServerException e) {
        // A port that was free a moment ago may be taken by now.
        if (settings.port() != 0 || attempt == ATTEMPTS || !portTaken(e)) {
          throw e;
        }
      }
    }
  }

  private static boolean portTaken(EmbeddedServerException e) {
    return String.valueOf(e.getMessage()).contains("Address already in use");
  }

  private ChildProcess startOn(int chosen) {
    ChildProcess started =
        ChildProcess.start(name, command.apply(chosen), settings.data(), settings.log(), Map.of());
    started.awaitReady(START, () -> greets(chosen));
    return started;
  }

  /** The first byte of a greeting comes only after the server has run its init file. */
  private static boolean greets(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      socket.setSoTimeout(1000);
      InputStream in = socket.getInputStream();
      return in.read() > 0;
    } catch (IOException notYet) {
      return false;
    }
  }
}

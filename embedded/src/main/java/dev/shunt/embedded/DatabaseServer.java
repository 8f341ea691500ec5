package dev.shunt.embedded;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A MySQL or MariaDB server on 127.0.0.1 that this JVM started.
 *
 * <p>{@link #user()} holds all privileges, over TCP and through {@link #socket()}. The account
 * {@code root} has no password and is reachable only through the socket. All methods throw {@link
 * EmbeddedServerException} when the server does not do what is asked.
 */
public interface DatabaseServer extends AutoCloseable {
  /** Bytes of a unix socket's path that macOS and Linux both take. */
  int LONGEST_SOCKET_PATH = 103;

  /** Always 127.0.0.1. */
  String host();

  /** Stays the same over {@link #start()} after {@link #kill()} or {@link #stop()}. */
  int port();

  String user();

  String password();

  /** The unix socket on which root needs no password. */
  Path socket();

  /**
   * The unix socket, where its path is short enough to be connected to; empty where clients have to
   * use TCP.
   */
  default Optional<Path> clientSocket() {
    return Optional.of(socket()).filter(DatabaseServer::fitsAnAddress);
  }

  private static boolean fitsAnAddress(Path socket) {
    return socket.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_SOCKET_PATH;
  }

  /**
   * A client program that goes with the server, such as {@code mysqldump} or {@code mariadb-dump}:
   * the one beside the server's own program, else the one on the {@code PATH}.
   */
  Optional<Path> program(String name);

  /** Process id of the running server, or of the last one that ran. */
  long pid();

  boolean running();

  /** Starts it again after {@link #stop()} or {@link #kill()}; nothing while it runs. */
  void start();

  /** Ends it in order (SIGTERM), within about 30 seconds. */
  void stop();

  /** Ends it as a crash would (SIGKILL); returns when the process is gone. */
  void kill();

  /** Freezes it (SIGSTOP): connections stay open and nothing answers until {@link #resume()}. */
  void pause();

  /** Lets it go on after {@link #pause()}. */
  void resume();

  /** As {@link #stop()}; the data stays. */
  @Override
  void close();
}

package dev.shunt.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The way to a server, over TCP or through a unix socket. One thread at a time reads and writes; a
 * virtual thread that is interrupted meanwhile closes it. Any thread may close it, which ends
 * whoever waits.
 */
sealed interface ServerLink extends AutoCloseable permits TcpLink, UnixLink {

  /**
   * Connects.
   *
   * @param address where to; null for where the endpoint leads now
   * @param timeout most time that it may take
   */
  static ServerLink open(MysqlEndpoint endpoint, @Nullable SocketAddress address, Duration timeout)
      throws IOException {
    @Nullable String path = endpoint.socket();
    SocketAddress to = address;
    if (to == null && path != null) {
      to = UnixDomainSocketAddress.of(path);
    }
    return switch (to) {
      case null -> TcpLink.open(TcpLink.address(endpoint), timeout);
      case InetSocketAddress host -> TcpLink.open(host, timeout);
      case UnixDomainSocketAddress file -> UnixLink.open(file, timeout);
      default -> throw new IllegalArgumentException("no address of a database: " + to);
    };
  }

  /** What the server sends; fails with SocketTimeoutException when it is silent for too long. */
  InputStream in() throws IOException;

  /** What is sent to the server, without a buffer. */
  OutputStream out() throws IOException;

  /** Limits how long a read waits; zero for no limit. */
  void readTimeout(Duration timeout) throws IOException;

  /** Where it leads: another link to there is one to the same server, whatever its name means. */
  SocketAddress remote();

  /** Whether what it carries stays on this machine, so that it needs no encryption. */
  boolean isPrivate();

  /** The link as a socket, for TLS. */
  Socket asSocket() throws IOException;

  /** Closes it; nothing can be done about what fails then. */
  @Override
  void close();
}

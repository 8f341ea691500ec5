package dev.shunt.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;

/** A link over TCP. */
final class TcpLink implements ServerLink {
  private final Socket socket;

  private TcpLink(Socket socket) {
    this.socket = socket;
  }

  /** The address that the endpoint's host has now. */
  static InetSocketAddress address(MysqlEndpoint endpoint) throws IOException {
    return new InetSocketAddress(InetAddress.getAllByName(endpoint.host())[0], endpoint.port());
  }

  static TcpLink open(InetSocketAddress address, Duration timeout) throws IOException {
    TcpLink link = new TcpLink(new Socket());
    try {
      link.socket.connect(address, millis(timeout));
      link.socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      link.socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      return link;
    } catch (IOException e) {
      link.close();
      throw e;
    }
  }

  /** A socket takes zero for no limit, so that what is less than a millisecond is one. */
  private static int millis(Duration timeout) {
    long millis = timeout.isPositive() ? Math.max(1, timeout.toMillis()) : 0;
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }

  @Override
  public InputStream in() throws IOException {
    return socket.getInputStream();
  }

  @Override
  public OutputStream out() throws IOException {
    return socket.getOutputStream();
  }

  @Override
  public void readTimeout(Duration timeout) throws IOException {
    socket.setSoTimeout(millis(timeout));
  }

  @Override
  public SocketAddress remote() {
    return socket.getRemoteSocketAddress();
  }

  @Override
  public boolean isPrivate() {
    return false;
  }

  @Override
  public Socket asSocket() {
    return socket;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException ignored) {
      // Nothing is left to do with it.
    }
  }
}

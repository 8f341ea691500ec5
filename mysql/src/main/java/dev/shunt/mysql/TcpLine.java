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

/** A line over TCP. */
final class TcpLine implements Line {
  private final Socket socket;

  private TcpLine(Socket socket) {
    this.socket = socket;
  }

  /** The address that the endpoint's host has now. */
  static InetSocketAddress address(MysqlEndpoint endpoint) throws IOException {
    return new InetSocketAddress(InetAddress.getAllByName(endpoint.host())[0], endpoint.port());
  }

  static TcpLine open(InetSocketAddress address, Duration timeout) throws IOException {
    TcpLine line = new TcpLine(new Socket());
    try {
      line.socket.connect(address, Math.toIntExact(timeout.toMillis()));
      line.socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      line.socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      return line;
    } catch (IOException e) {
      line.close();
      throw e;
    }
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
    socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
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

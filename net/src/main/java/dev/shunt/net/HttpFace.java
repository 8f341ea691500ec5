package dev.shunt.net;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

/** An HTTP server that serves from its start until it is closed. */
public final class HttpFace implements AutoCloseable {
  private final HttpServer server;

  private HttpFace(HttpServer server) {
    this.server = server;
  }

  /**
   * Listens; who connects waits until the start.
   *
   * @param host address to listen on
   * @param port port; 0 for any free one
   * @param threads answer the requests; they stay the giver's to end
   * @throws IOException when the port can't be had
   */
  public static HttpFace listen(String host, int port, Executor threads) throws IOException {
    HttpServer server = Transport.http(new InetSocketAddress(host, port));
    server.setExecutor(threads);
    return new HttpFace(server);
  }

  /** Adds a path and all below it that has no handler of its own. */
  public HttpFace serve(String path, HttpHandler handler) {
    Transport.serve(server, path, handler);
    return this;
  }

  /** Begins to answer. */
  public HttpFace start() {
    server.start();
    return this;
  }

  /** The port that it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Ends at once what it is answering. */
  @Override
  public void close() {
    server.stop(0);
  }
}

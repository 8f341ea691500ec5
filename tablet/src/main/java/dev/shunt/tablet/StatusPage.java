package dev.shunt.tablet;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What a tablet tells over HTTP, at the port that its record names {@code vt}: at {@code
 * /debug/vars} which build it is, in the words in which Vitess asks for that (GetVersion).
 */
final class StatusPage implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Serves it.
   *
   * @param host address to listen on
   * @param port port; 0 for any free one
   * @throws UncheckedIOException when the port can't be had
   */
  StatusPage(String host, int port, String tablet) {
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 0);
    } catch (IOException e) {
      threads.shutdownNow();
      throw new UncheckedIOException(
          "tablet " + tablet + " can't listen on " + host + ":" + port + " (httpPort)", e);
    }
    server.setExecutor(threads);
    server.createContext("/debug/vars", exchange -> answer(exchange, vars()));
    server.start();
  }

  private static String vars() {
    String version =
        Objects.requireNonNullElse(
            StatusPage.class.getPackage().getImplementationVersion(), "unknown");
    return """
    {"BuildHost": "", "BuildUser": "shunt", "BuildTimestamp": 0, "BuildGitRev": "%s"}
    """
        .formatted(version);
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

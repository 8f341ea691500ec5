package dev.shunt.tablet;

import com.sun.net.httpserver.HttpExchange;
import dev.shunt.net.HttpFace;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What a tablet shows over HTTP, at the port that its record names {@code vt}: at {@code
 * /debug/vars} which build it is, in the words in which Vitess asks for that (GetVersion).
 */
final class StatusPage implements AutoCloseable {
  private final HttpFace face;
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
      face = HttpFace.listen(host, port, threads);
    } catch (IOException e) {
      threads.shutdownNow();
      throw new UncheckedIOException(
          "tablet " + tablet + " can't listen on " + host + ":" + port + " (httpPort)", e);
    }
    face.serve("/debug/vars", exchange -> answer(exchange, vars())).start();
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
    return face.port();
  }

  @Override
  public void close() {
    face.close();
    threads.shutdownNow();
  }
}

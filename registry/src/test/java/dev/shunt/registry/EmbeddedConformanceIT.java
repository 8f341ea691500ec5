package dev.shunt.registry;

import com.sun.net.httpserver.HttpServer;
import dev.shunt.embedded.KafkaBroker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedConformanceIT extends RegistryConformance {
  private static KafkaBroker broker;
  private static EmbeddedRegistry registry;
  private static HttpServer server;

  @BeforeAll
  static void startServer(@TempDir Path folder) throws IOException {
    broker = KafkaBroker.start(folder, 0);
    registry = new EmbeddedRegistry(broker.bootstrapServers());
    registry.start();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.mount(server);
    server.start();
  }

  @AfterAll
  static void stopServer() {
    server.stop(0);
    registry.close();
    broker.close();
  }

  @Override
  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }
}

package dev.shunt.registry;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.SchemaRegistryServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class ApicurioConformanceIT extends RegistryConformance {
  private static SchemaRegistryServer server;

  @BeforeAll
  static void startServer(@TempDir Path folder) {
    assumeTrue(SchemaRegistryServer.isAvailableOrRequired(), SchemaRegistryServer.HINT);
    server = SchemaRegistryServer.start(folder, 0);
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  String url() {
    return server.url();
  }
}

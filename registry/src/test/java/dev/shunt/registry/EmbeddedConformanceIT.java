package dev.shunt.registry;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.net.HttpFace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedConformanceIT extends RegistryConformance {
  private static KafkaBroker broker;
  private static EmbeddedRegistry registry;
  private static ExecutorService threads;
  private static HttpFace face;

  @BeforeAll
  static void startServer(@TempDir Path folder) throws IOException {
    broker = KafkaBroker.start(folder, 0);
    registry = new EmbeddedRegistry(broker.bootstrapServers());
    registry.start();
    threads = Executors.newVirtualThreadPerTaskExecutor();
    face = HttpFace.listen("127.0.0.1", 0, threads);
    registry.mount(face);
    face.start();
  }

  @AfterAll
  static void stopServer() {
    face.close();
    threads.close();
    registry.close();
    broker.close();
  }

  @Override
  String url() {
    return "http://127.0.0.1:" + face.port();
  }
}

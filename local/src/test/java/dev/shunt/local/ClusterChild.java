package dev.shunt.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.embedded.BoundProcess;
import dev.shunt.local.demo.ShopLoader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A whole cluster in a JVM of its own, to be killed. */
final class ClusterChild implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final String kafka;
  private final String registry;

  private ClusterChild(Process process, JsonNode endpoints) {
    this.process = process;
    this.kafka = endpoints.get("kafka").asText();
    this.registry = endpoints.get("registry").asText();
  }

  /**
   * Starts it on a new or used folder and waits until it serves.
   *
   * @param log where it logs to
   */
  static ClusterChild start(Path folder, Path log) throws IOException {
    Process process =
        BoundProcess.start(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Xmx512m",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ClusterChild.class.getName(),
                    folder.toString())
                .redirectError(log.toFile()));
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    while (line != null && !line.startsWith("{")) {
      line = out.readLine();
    }
    if (line == null) {
      throw new IOException("the cluster ended before it served; see " + log);
    }
    Thread.ofVirtual()
        .start(() -> {
          try {
            out.transferTo(Writer.nullWriter());
          } catch (IOException e) {
            // It was killed.
          }
        });
    return new ClusterChild(process, JSON.readTree(line));
  }

  String kafka() {
    return kafka;
  }

  String registry() {
    return registry;
  }

  /** Ends it as a crash would; returns when it is gone. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  /** Argument: its folder. Prints its endpoints when it serves. */
  public static void main(String[] arguments) throws InterruptedException {
    try {
      LocalCluster cluster = Clusters.oneJvm(ClusterOptions.in(Path.of(arguments[0])));
      ShopLoader.load(cluster, 200);
      System.out.println(cluster.endpoints().toJson());
      new CountDownLatch(1).await();
    } catch (RuntimeException e) {
      e.printStackTrace();
      System.exit(1); // threads of parts that did start would go on
    }
  }
}

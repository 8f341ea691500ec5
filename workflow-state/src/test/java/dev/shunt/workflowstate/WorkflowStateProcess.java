package dev.shunt.workflowstate;

import dev.shunt.service.KafkaSettings;
import dev.shunt.service.ServiceMain;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The service as a process of its own, to be killed. */
final class WorkflowStateProcess {
  private WorkflowStateProcess() {}

  static WorkflowStateConfig config(String bootstrapServers, Path directory) {
    return new WorkflowStateConfig(
        new KafkaSettings(bootstrapServers, "http://unused", 1, 0, 2000, Map.of()),
        "shunt-workflow-state",
        directory.toString(),
        0,
        Duration.ofMillis(20));
  }

  static Process start(String bootstrapServers, Path directory) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    File output = directory.resolve("process.log").toFile();
    return new ProcessBuilder(
            List.of(
                java,
                "-Xmx300m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                WorkflowStateProcess.class.getName(),
                bootstrapServers,
                directory.toString()))
        .redirectErrorStream(true)
        .redirectOutput(output)
        .start();
  }

  public static void main(String[] args) {
    ServiceMain.run(
        new WorkflowStateService(config(args[0], Path.of(args[1])), FixedRegistry.create()),
        System.out);
  }
}

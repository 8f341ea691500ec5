package dev.shunt.cli.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.MariaDbServer;
import dev.shunt.embedded.Ports;
import dev.shunt.embedded.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pastes the lines of {@code deploy/README.md} that start everything on one machine. */
class DeployReadmeIT {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private static final List<String> PORTS = List.of("9092", "15080", "15999", "2379");

  @TempDir Path directory;

  /** One that has none of the samples' ports in it, which would be replaced again. */
  private static String freePort(Collection<String> others) {
    while (true) {
      String port = Integer.toString(Ports.free());
      if (!others.contains(port) && PORTS.stream().noneMatch(port::contains)) {
        return port;
      }
    }
  }

  /** The ports and folders of the samples, and what stands for them here. */
  private Map<String, String> replacements(DatabaseServer database) {
    Map<String, String> replacements = new LinkedHashMap<>();
    for (String port : PORTS) {
      replacements.put(port, freePort(replacements.values()));
    }
    replacements.put("mysqlPort: 3306", "mysqlPort: " + database.port());
    replacements.put("mysqlUser: root", "mysqlUser: " + database.user());
    replacements.put("PASSWORD=secret", "PASSWORD=" + database.password());
    replacements.put("/var/lib/shunt", directory.resolve("lib").toString());
    replacements.put("/tmp/shunt-etcd", directory.resolve("data-of-etcd").toString());
    return replacements;
  }

  private static String replaced(String text, Map<String, String> replacements) {
    String changed = text;
    for (Map.Entry<String, String> each : replacements.entrySet()) {
      changed = changed.replace(each.getKey(), each.getValue());
    }
    return changed;
  }

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("deploy/README.md"))) {
      at = at.getParent();
    }
    return at;
  }

  private static String block() throws IOException {
    String chapter =
        Files.readString(root().resolve("deploy/README.md"))
            .split("## All of it on one machine", 2)[1];
    return chapter.split("```sh", 2)[1].split("```", 2)[0];
  }

  @Test
  void worksAsItIsWritten() throws Exception {
    assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    try (DatabaseServer database =
        MariaDbServer.start(DatabaseSettings.in(directory.resolve("db")).withServerId(1))) {
      Map<String, String> replacements = replacements(database);
      writeConfigurations(replacements);
      writePrograms(replacements);
      Files.writeString(
          directory.resolve("paste.sh"),
          "set -eu\n" + replaced(block(), replacements) + "\ntouch ended; sleep 1000\n");

      Path out = directory.resolve("out");
      Process shell = paste(out);
      try {
        await()
            .atMost(PATIENCE)
            .until(() -> Files.exists(directory.resolve("ended")) || !shell.isAlive());
        assertThat(shell.isAlive()).as("%s", said()).isTrue();
        assertThat(Files.readString(out))
            .as("%s", said())
            .contains("Created cell: zone1", "zone1-0000000100 commerce 0 primary");
        await()
            .atMost(PATIENCE)
            .untilAsserted(() ->
                assertThat(Files.readAllLines(out).stream().filter(line -> line.startsWith("{")))
                    .as("lines of services that are ready")
                    .hasSize(8));
      } finally {
        List<ProcessHandle> all =
            Stream.concat(shell.descendants(), Stream.of(shell.toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(process -> process.onExit().join());
      }
    }
  }

  private Process paste(Path out) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "paste.sh")
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().merge("PATH", "", (path, none) -> directory + ":" + path);
    return builder.start();
  }

  private String said() throws IOException {
    return Files.readString(directory.resolve("out")) + Files.readString(directory.resolve("err"));
  }

  private void writeConfigurations(Map<String, String> replacements) throws IOException {
    Path configs = Files.createDirectories(directory.resolve("deploy/config"));
    try (Stream<Path> samples = Files.list(root().resolve("deploy/config"))) {
      for (Path sample : samples.toList()) {
        Files.writeString(
            configs.resolve(sample.getFileName()),
            replaced(Files.readString(sample), replacements));
      }
    }
  }

  /** The entry script without its build, and an etcd on another port. */
  private void writePrograms(Map<String, String> replacements) throws IOException {
    String java =
        Path.of(System.getProperty("java.home"), "bin", "java")
            + " -Xmx256m -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED"
            + " --sun-misc-unsafe-memory-access=allow -cp '"
            + System.getProperty("java.class.path")
            + "' dev.shunt.cli.Shunt \"$@\"";
    program(
        "shunt",
        "[ \"$1\" = service ] && exec "
            + java
            + "\nexec "
            + java
            + " --server 127.0.0.1:"
            + replacements.get("15999"));
    Path etcd = Tools.program("etcd", "etcd").orElseThrow();
    String client = "http://127.0.0.1:" + replacements.get("2379");
    String peer = "http://127.0.0.1:" + Ports.free();
    program(
        "etcd",
        "exec "
            + etcd
            + " \"$@\" --listen-client-urls "
            + client
            + " --advertise-client-urls "
            + client
            + " --listen-peer-urls "
            + peer
            + " --initial-advertise-peer-urls "
            + peer
            + " --initial-cluster default="
            + peer);
  }

  private void program(String name, String lines) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, "#!/bin/bash\n" + lines + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}

package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;

/** On the servers that people run, from their images; needs a Docker engine. */
@Tag("containers")
class ContainerReplicationIT extends ReplicationConformance<String> {
  private static final String PASSWORD = "shunt";

  private List<GenericContainer<?>> started = List.of();

  static List<String> servers() {
    return List.of("mysql:8.0", "mysql:8.4", "mariadb:10.11", "mariadb:11.4");
  }

  @Override
  StreamingCluster start(String image, Path topology) {
    GenericContainer<?> source = container(image, 1);
    GenericContainer<?> target = container(image, 2);
    started = List.of(source, target);
    Startables.deepStart(source, target).join();
    return new StreamingCluster(topology, database(source), database(target));
  }

  @AfterEach
  void stop() {
    started.forEach(GenericContainer::stop);
  }

  private static GenericContainer<?> container(String image, int serverId) {
    GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse(image))
            .withExposedPorts(3306)
            .withEnv("MYSQL_ROOT_PASSWORD", PASSWORD)
            .waitingFor(
                Wait.forLogMessage(".*ready for connections.*port: 3306[^0].*", 1)
                    .withStartupTimeout(Duration.ofMinutes(3)));
    if (image.startsWith("mysql")) {
      container.withCommand(
          "--server-id=" + serverId, "--gtid-mode=ON", "--enforce-gtid-consistency=ON");
    } else {
      container.withCommand(
          "--server-id=" + serverId,
          "--gtid-domain-id=" + serverId,
          "--log-bin=binlog",
          "--binlog-format=ROW",
          "--binlog-row-metadata=FULL");
    }
    return container;
  }

  private static TestDatabase database(GenericContainer<?> container) {
    return TestDatabase.on(
        new MysqlEndpoint(
            container.getHost(),
            container.getMappedPort(3306),
            "root",
            Password.of(PASSWORD),
            null));
  }
}

package dev.shunt.registry;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** Confluent's own registry, over a broker in the same network; needs a Docker engine. */
@Tag("containers")
class ContainerConformanceIT extends RegistryConformance {
  private static final String VERSION = "8.1.0";
  private static final String BROKER = "broker";

  private static Network network;
  private static GenericContainer<?> broker;
  private static GenericContainer<?> registry;

  @BeforeAll
  static void startContainers() {
    network = Network.newNetwork();
    broker =
        new GenericContainer<>(DockerImageName.parse("confluentinc/cp-kafka:" + VERSION))
            .withNetwork(network)
            .withNetworkAliases(BROKER)
            .withEnv("CLUSTER_ID", "c2h1bnQtdGVzdC1jbHVzdGVy")
            .withEnv("KAFKA_NODE_ID", "1")
            .withEnv("KAFKA_PROCESS_ROLES", "broker,controller")
            .withEnv("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@" + BROKER + ":9093")
            .withEnv("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
            .withEnv("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093")
            .withEnv("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://" + BROKER + ":9092")
            .withEnv(
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT")
            .withEnv("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
            .withEnv("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
            .withEnv("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
            .waitingFor(
                Wait.forLogMessage(".*Kafka Server started.*", 1)
                    .withStartupTimeout(Duration.ofMinutes(3)));
    registry =
        new GenericContainer<>(DockerImageName.parse("confluentinc/cp-schema-registry:" + VERSION))
            .withNetwork(network)
            .dependsOn(broker)
            .withExposedPorts(8081)
            .withEnv("SCHEMA_REGISTRY_HOST_NAME", "registry")
            .withEnv("SCHEMA_REGISTRY_LISTENERS", "http://0.0.0.0:8081")
            .withEnv("SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS", BROKER + ":9092")
            .waitingFor(
                Wait.forHttp("/subjects")
                    .forStatusCode(200)
                    .withStartupTimeout(Duration.ofMinutes(3)));
    registry.start();
  }

  @AfterAll
  static void stopContainers() {
    registry.stop();
    broker.stop();
    network.close();
  }

  @Override
  String url() {
    return "http://" + registry.getHost() + ":" + registry.getMappedPort(8081);
  }
}

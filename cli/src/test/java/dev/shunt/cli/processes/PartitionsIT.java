package dev.shunt.cli.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.setup.ClusterSetup;
import dev.shunt.schemas.setup.SetupRefusedException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every service looks at the cluster's record before it does anything. */
class PartitionsIT {
  @TempDir private static Path directory;
  private static KafkaBroker broker;
  private static KafkaBroker grown;

  @BeforeAll
  static void start() throws Exception {
    broker = KafkaBroker.start(directory.resolve("kafka"), 0);
    grown = KafkaBroker.start(directory.resolve("grown"), 0);
    for (KafkaBroker one : List.of(broker, grown)) {
      assertThat(new ClusterSetup(kafka(one), 1, 3, "first").ensure()).isEqualTo(3);
    }
    try (Admin admin = Admin.create(kafka(grown))) {
      admin.createPartitions(Map.of(Topics.TASKS_VDIFF, NewPartitions.increaseTo(4))).all().get();
      await().until(() -> TopicCreator.partitionCounts(admin).get(Topics.TASKS_VDIFF) == 4);
    }
  }

  @AfterAll
  static void stop() {
    grown.close();
    broker.close();
  }

  private static Map<String, Object> kafka(KafkaBroker of) {
    return Map.of("bootstrap.servers", of.bootstrapServers());
  }

  /** Those that have settings of Kafka. */
  static Set<String> services() {
    Set<String> names = new TreeSet<>();
    ServiceFactory.ALL.forEach((name, factory) -> {
      if (has(factory, "kafka")) {
        names.add(name);
      }
    });
    return names;
  }

  private static boolean has(ServiceFactory<?> factory, String key) {
    return Arrays.stream(factory.defaults().getClass().getRecordComponents())
        .map(RecordComponent::getName)
        .anyMatch(key::equals);
  }

  private static OwnedService open(String name, KafkaBroker kafka, Map<String, String> further) {
    ServiceFactory<?> factory = ServiceFactory.ALL.get(name);
    Map<String, String> flags = new TreeMap<>(further);
    flags.put("kafka.bootstrapServers", kafka.bootstrapServers());
    if (has(factory, "topo")) {
      flags.put("topo.implementation", "local");
      flags.put("topo.directory", directory.resolve("topo").toString());
    }
    if (name.equals("command")) {
      flags.putAll(Map.of("grpcPort", "0", "httpPort", "0", "embeddedRegistry", "true"));
    }
    if (has(factory, "stateDirectory")) {
      flags.put("stateDirectory", directory.resolve("state").toString());
    }
    return factory.open(null, Map.of(), flags);
  }

  @Test
  void sixServicesUseTheTopics() {
    assertThat(services())
        .containsExactly("command", "copy", "switcher", "topo-watcher", "vdiff", "workflow-state");
  }

  @ParameterizedTest
  @MethodSource("services")
  void noServiceStartsWithAnotherNumberThanTheClusters(String name) {
    try (OwnedService service = open(name, broker, Map.of("kafka.partitions", "5"))) {
      assertThatThrownBy(service::start)
          .isInstanceOf(SetupRefusedException.class)
          .hasMessageContaining("kafka.partitions is 5, but this cluster was set up with 3");
    }
  }

  @ParameterizedTest
  @MethodSource("services")
  void noServiceStartsOnATopicThatHasGrown(String name) {
    try (OwnedService service = open(name, grown, Map.of())) {
      assertThatThrownBy(service::start)
          .isInstanceOf(SetupRefusedException.class)
          .hasMessageContaining("must have 3 partitions")
          .hasMessageContaining("these have others: {shunt.tasks.vdiff=4}");
    }
  }
}

package dev.shunt.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.TopicDefinition;
import dev.shunt.schemas.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicCreatorIT {
  @Test
  void createsWhatIsMissingToGoWithWhatIsThere(@TempDir Path folder) throws Exception {
    try (KafkaBroker broker = KafkaBroker.start(folder, 0);
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(Topics.COMMANDS, 6, (short) 1))).all().get();

      TopicCreator.createMissing(admin, TopicCreator.CLUSTER_DEFAULT);
      TopicCreator.createMissing(admin, 1);

      for (TopicDefinition topic : Topics.all()) {
        int expected = Topics.CO_PARTITIONED.contains(topic.name()) ? 6 : topic.partitions();
        assertThat(Offsets.partitions(admin, topic.name())).as(topic.name()).hasSize(expected);
      }
      ConfigResource workflows = new ConfigResource(ConfigResource.Type.TOPIC, Topics.WORKFLOWS);
      Config config = admin.describeConfigs(List.of(workflows)).all().get().get(workflows);
      Topics.definition(Topics.WORKFLOWS)
          .configs()
          .forEach((name, value) -> assertThat(config.get(name).value()).isEqualTo(value));

      admin.createPartitions(Map.of(Topics.EVENTS, NewPartitions.increaseTo(7))).all().get();
      await()
          .untilAsserted(() ->
              assertThatIllegalStateException()
                  .isThrownBy(() -> TopicCreator.createMissing(admin, 1))
                  .withMessageContaining("equally many partitions")
                  .withMessageContaining("shunt.events=7"));
    }
  }
}

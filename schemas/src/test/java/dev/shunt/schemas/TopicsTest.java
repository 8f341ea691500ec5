package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TopicsTest {
  @Test
  void whatIsKeptAndHow() {
    List<String> lines =
        Topics.all().stream()
            .map(topic ->
                "%s %d %s %s"
                    .formatted(
                        topic.name(),
                        topic.partitions(),
                        topic.configs().get("cleanup.policy"),
                        topic.configs().getOrDefault("retention.ms", "")))
            .map(String::strip)
            .toList();

    assertThat(lines)
        .containsExactly(
            "shunt.commands 4 delete -1",
            "shunt.tasks.copy 4 compact",
            "shunt.tasks.switch 4 compact",
            "shunt.tasks.vdiff 4 compact",
            "shunt.events 4 delete -1",
            "shunt.streams 4 delete 604800000",
            "shunt.streams.batches 4 delete 604800000",
            "shunt.topo 1 compact",
            "shunt.workflows 4 compact",
            "shunt.rejected 1 delete 2592000000",
            "_schemas 1 compact");
  }

  @Test
  void topicsThatMeetInOneTaskHaveEquallyManyPartitions() {
    assertThat(
            Topics.CO_PARTITIONED.stream()
                .map(Topics::definition)
                .map(TopicDefinition::partitions)
                .collect(Collectors.toSet()))
        .hasSize(1);
  }

  @Test
  void compactedTopicsRollTheirSegmentsSoonEnoughToBeCompacted() {
    assertThat(Topics.definition(Topics.WORKFLOWS).configs())
        .containsEntry("segment.ms", "600000")
        .containsEntry("max.compaction.lag.ms", "3600000")
        .containsEntry("min.cleanable.dirty.ratio", "0.1");
  }

  @Test
  void anotherTopicIsNotDefined() {
    assertThatIllegalArgumentException().isThrownBy(() -> Topics.definition("shunt.other"));
  }
}

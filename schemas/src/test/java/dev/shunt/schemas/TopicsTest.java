package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TopicsTest {
  @Test
  void whatIsKeptAndHow() {
    List<String> lines =
        Topics.all().stream()
            .map(topic ->
                "%s %s %s %s"
                    .formatted(
                        topic.name(),
                        topic.coPartitioned() ? "n" : "1",
                        topic.configs().get("cleanup.policy"),
                        topic.configs().getOrDefault("retention.ms", "")))
            .map(String::strip)
            .toList();

    assertThat(lines)
        .containsExactly(
            "shunt.cluster 1 delete -1",
            "shunt.commands n delete -1",
            "shunt.tasks.copy n compact",
            "shunt.tasks.switch n compact",
            "shunt.tasks.vdiff n compact",
            "shunt.events n delete -1",
            "shunt.streams n delete 604800000",
            "shunt.streams.batches n delete 604800000",
            "shunt.streams.summaries n compact",
            "shunt.topo 1 compact",
            "shunt.workflows n compact",
            "shunt.workflows.shards n compact",
            "shunt.rejected 1 delete 2592000000",
            "_schemas 1 compact");
  }

  @Test
  void topicsThatMeetInOneTaskHaveEquallyManyPartitions() {
    assertThat(Topics.CO_PARTITIONED)
        .containsExactlyInAnyOrder(
            Topics.COMMANDS,
            Topics.TASKS_COPY,
            Topics.TASKS_SWITCH,
            Topics.TASKS_VDIFF,
            Topics.EVENTS,
            Topics.STREAMS,
            Topics.STREAM_BATCHES,
            Topics.STREAM_SUMMARIES,
            Topics.WORKFLOWS,
            Topics.SHARDS);
    assertThat(Topics.definition(Topics.COMMANDS).partitions(7)).isEqualTo(7);
    assertThat(Topics.definition(Topics.REJECTED).partitions(7)).isOne();
  }

  @Test
  void aNewClusterHasSixteenPartitionsAndOneBrokerInTheProcessFour() {
    assertThat(Topics.PARTITIONS).isEqualTo(16);
    assertThat(Topics.EMBEDDED_PARTITIONS).isEqualTo(4);
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

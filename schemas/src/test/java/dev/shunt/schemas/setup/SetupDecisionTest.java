package dev.shunt.schemas.setup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.TopicDefinition;
import dev.shunt.schemas.Topics;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SetupDecisionTest {
  private static final int ANY = 0;
  private static final Map<String, Integer> NONE = Map.of();
  private static final FirstRecord MISSING = new FirstRecord.Missing();

  private static FirstRecord says(int partitions) {
    return new FirstRecord.Written(
        new ClusterRecord(partitions, "copy-7-beef"), Instant.parse("2026-01-02T03:04:05Z"));
  }

  /** All topics of a cluster with so many partitions. */
  private static Map<String, Integer> topics(int partitions) {
    Map<String, Integer> counts = new HashMap<>();
    for (TopicDefinition topic : Topics.all()) {
      counts.put(topic.name(), topic.partitions(partitions));
    }
    return counts;
  }

  private static Map<String, Integer> with(Map<String, Integer> counts, String topic, int count) {
    Map<String, Integer> changed = new HashMap<>(counts);
    changed.put(topic, count);
    return changed;
  }

  private static Map<String, Integer> without(Map<String, Integer> counts, String topic) {
    Map<String, Integer> changed = new HashMap<>(counts);
    changed.remove(topic);
    return changed;
  }

  private static String refusal(FirstRecord first, int wanted, Map<String, Integer> counts) {
    SetupDecision decision = SetupDecision.of(first, wanted, counts);
    assertThat(decision).isInstanceOf(SetupDecision.Refuse.class);
    return ((SetupDecision.Refuse) decision).reason();
  }

  @Test
  void aNewClusterGetsWhatTheSettingsSay() {
    assertThat(SetupDecision.of(MISSING, ANY, NONE)).isEqualTo(new SetupDecision.Write(16));
    assertThat(SetupDecision.of(MISSING, 3, NONE)).isEqualTo(new SetupDecision.Write(3));
  }

  @Test
  void topicsThatAreNotKeyedByWorkflowSayNothing() {
    Map<String, Integer> others = Map.of(Topics.SCHEMAS, 1, Topics.TOPO, 1, Topics.CLUSTER, 1);

    assertThat(SetupDecision.of(MISSING, ANY, others)).isEqualTo(new SetupDecision.Write(16));
  }

  @Test
  void anOldClusterKeepsWhatItsTopicsHave() {
    Map<String, Integer> old = without(topics(4), Topics.CLUSTER);

    assertThat(SetupDecision.of(MISSING, ANY, old)).isEqualTo(new SetupDecision.Write(4));
    assertThat(SetupDecision.of(MISSING, 4, old)).isEqualTo(new SetupDecision.Write(4));
    assertThat(SetupDecision.of(MISSING, ANY, without(old, Topics.STREAM_BATCHES)))
        .isEqualTo(new SetupDecision.Write(4));
  }

  @Test
  void anOldClusterWithAnotherNumberThanTheSettingsIsRefused() {
    assertThat(refusal(MISSING, 16, without(topics(4), Topics.CLUSTER)))
        .startsWith(
            "kafka.partitions is 16, but the topics of this cluster have 4 each (shunt.commands, ")
        .contains("set it to 4 or leave it out", "'The number of partitions' in deploy/README.md");
  }

  @Test
  void anOldClusterWhoseTopicsDisagreeIsRefused() {
    assertThat(refusal(MISSING, ANY, Map.of(Topics.COMMANDS, 6, Topics.EVENTS, 7)))
        .startsWith(
            "these topics must have equally many partitions, but have {shunt.commands=6,"
                + " shunt.events=7}: nothing was started")
        .contains("'The number of partitions' in deploy/README.md");
  }

  @Test
  void aClusterThatIsAsItsRecordSaysIsWorkedWith() {
    assertThat(SetupDecision.of(says(8), ANY, topics(8))).isEqualTo(new SetupDecision.Proceed(8));
    assertThat(SetupDecision.of(says(8), 8, topics(8))).isEqualTo(new SetupDecision.Proceed(8));
    assertThat(SetupDecision.of(says(8), 8, Map.of(Topics.CLUSTER, 1)))
        .as("topics are still missing")
        .isEqualTo(new SetupDecision.Proceed(8));
  }

  @Test
  void settingsThatContradictTheRecordAreRefused() {
    assertThat(refusal(says(8), 16, topics(8)))
        .isEqualTo(
            "kafka.partitions is 16, but this cluster was set up with 8, says its record on"
                + " shunt.cluster, written by copy-7-beef at 2026-01-02T03:04:05Z: set it to 8 or"
                + " leave it out. How a cluster gets another number says 'The number of"
                + " partitions' in deploy/README.md");
  }

  @Test
  void topicsThatContradictTheRecordAreRefusedByName() {
    for (String topic : Topics.CO_PARTITIONED) {
      for (int count : new int[] {1, 7, 9}) {
        assertThat(refusal(says(8), ANY, with(topics(8), topic, count)))
            .startsWith(
                "each topic of this cluster that is keyed by workflow must have 8 partitions")
            .contains("these have others: {" + topic + "=" + count + "}")
            .contains("'The number of partitions' in deploy/README.md");
      }
    }
  }

  /** Who raised both by hand learns of the topics, which no setting mends. */
  @Test
  void topicsAreNamedBeforeSettings() {
    assertThat(refusal(says(4), 16, with(topics(16), Topics.CLUSTER, 1)))
        .startsWith("each topic of this cluster that is keyed by workflow must have 4 partitions");
  }

  @Test
  void aRecordThatIsNotOursIsRefused() {
    assertThat(refusal(new FirstRecord.Foreign("it is not JSON"), ANY, topics(8)))
        .isEqualTo(
            "the first record of shunt.cluster is not what Shunt writes there: it is not JSON."
                + " Where no newer version of Shunt wrote it, delete the topic: the next start"
                + " writes it anew from what the other topics have");
  }

  @Test
  void aTopicOfTheClusterWithSeveralFirstRecordsIsRefused() {
    assertThat(refusal(says(8), ANY, with(topics(8), Topics.CLUSTER, 3)))
        .startsWith("the topic shunt.cluster has 3 partitions and must have one");
  }
}

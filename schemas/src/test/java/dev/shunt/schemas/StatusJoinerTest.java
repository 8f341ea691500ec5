package dev.shunt.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusJoinerTest {
  private static final WorkflowKey KEY = new WorkflowKey("customer", "c2c");
  private static final String SUMMARY = "customer.c2c";
  private static final String LEFT = "customer.c2c/-80";
  private static final String RIGHT = "customer.c2c/80-";

  private final StatusJoiner joiner = new StatusJoiner();

  /** One record of the topic. */
  private record Rec(String key, @Nullable Message value) {}

  private static StreamStatus stream(String shard, long id, String state) {
    return StreamStatus.of(shard, "zone1-0000000200", id).with(draft -> draft.state = state);
  }

  private static ShardStatus shard(String shard, String state, long... ids) {
    List<StreamStatus> streams = new ArrayList<>();
    for (long id : ids) {
      streams.add(stream(shard, id, state));
    }
    return new ShardStatus("customer", "c2c", shard, streams);
  }

  private static WorkflowStatus summary(long version, String... shards) {
    return WorkflowStatus.of("customer", "c2c")
        .with(draft -> {
          draft.version = version;
          draft.shards = List.of(shards);
        });
  }

  /** As versions before wrote it. */
  private static WorkflowStatus whole(long version, StreamStatus... streams) {
    return summary(version).with(draft -> draft.streams = List.of(streams));
  }

  private List<StreamStatus> streams() {
    return joiner.get(KEY).orElseThrow().streams();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void joinsTheSameWhateverComesFirst(long seed) {
    List<Rec> records =
        new ArrayList<>(
            List.of(
                new Rec(SUMMARY, summary(3, "-80", "80-")),
                new Rec(LEFT, shard("-80", "Running", 1, 2)),
                new Rec(RIGHT, shard("80-", "Copying", 1)),
                new Rec("customer.other", summary(9)),
                new Rec("customer.gone/0", shard("0", "Running", 1))));
    Collections.shuffle(records, new Random(seed));

    records.forEach(record -> joiner.take(record.key(), record.value()));

    assertThat(joiner.get(KEY))
        .contains(
            summary(3, "-80", "80-")
                .with(draft ->
                    draft.streams =
                        List.of(
                            stream("-80", 1, "Running"),
                            stream("-80", 2, "Running"),
                            stream("80-", 1, "Copying"))));
    assertThat(joiner.all()).containsOnlyKeys(KEY, new WorkflowKey("customer", "other"));
  }

  @Test
  void aShardWhoseSummaryIsStillToComeChangesNothingYet() {
    assertThat(joiner.take(LEFT, shard("-80", "Running", 1))).isEmpty();
    assertThat(joiner.get(KEY)).isEmpty();

    assertThat(joiner.take(SUMMARY, summary(1, "-80"))).contains(KEY);
    assertThat(streams()).containsExactly(stream("-80", 1, "Running"));

    assertThat(joiner.take(RIGHT, shard("80-", "Copying", 1))).isEmpty();
    assertThat(streams()).hasSize(1);
    assertThat(joiner.take(SUMMARY, summary(1, "-80", "80-"))).contains(KEY);
    assertThat(streams()).hasSize(2);
  }

  @Test
  void aShardMayBeNewerThanItsSummary() {
    joiner.take(LEFT, shard("-80", "Copying", 1));
    joiner.take(SUMMARY, summary(1, "-80"));

    assertThat(joiner.take(LEFT, shard("-80", "Running", 1))).contains(KEY);

    assertThat(streams()).containsExactly(stream("-80", 1, "Running"));
    assertThat(joiner.get(KEY).orElseThrow().version()).isEqualTo(1);
  }

  @Test
  void aShardIsGoneWithItsTombstone() {
    joiner.take(LEFT, shard("-80", "Running", 1));
    joiner.take(RIGHT, shard("80-", "Running", 1));
    joiner.take(SUMMARY, summary(1, "-80", "80-"));

    assertThat(joiner.take(LEFT, null)).contains(KEY);
    assertThat(streams()).containsExactly(stream("80-", 1, "Running"));
    joiner.take(SUMMARY, summary(1, "80-"));
    assertThat(streams()).hasSize(1);
  }

  @Test
  void whatIsLeftOfAWorkflowThatIsGoneIsNoWorkflow() {
    joiner.take(LEFT, shard("-80", "Running", 1));
    joiner.take(SUMMARY, summary(1, "-80"));

    assertThat(joiner.take(SUMMARY, null)).contains(KEY);

    assertThat(joiner.get(KEY)).isEmpty();
    assertThat(joiner.all()).isEmpty();
    joiner.take(SUMMARY, summary(2));
    assertThat(streams()).isEmpty();
  }

  @Test
  void aSummaryOfAVersionBeforeHasItsStreamsInIt() {
    WorkflowStatus then = whole(7, stream("-80", 1, "Running"), stream("80-", 1, "Running"));

    joiner.take(SUMMARY, then);

    assertThat(joiner.get(KEY)).contains(then);
    assertThat(then.shards()).containsExactly("-80", "80-");
  }

  @Test
  void recordsOfThisVersionTakeThePlaceOfOneOfTheVersionBefore() {
    joiner.take(SUMMARY, whole(7, stream("-80", 1, "Running"), stream("80-", 1, "Running")));

    joiner.take(LEFT, shard("-80", "Stopped", 1));
    assertThat(streams()).containsExactly(stream("-80", 1, "Stopped"), stream("80-", 1, "Running"));
    joiner.take(RIGHT, shard("80-", "Stopped", 1));
    joiner.take(SUMMARY, summary(7, "-80", "80-"));
    assertThat(streams()).extracting(StreamStatus::state).containsOnly("Stopped");
  }

  /** As where the topic of shards is read first. */
  @Test
  void aShardWithARecordOfItsOwnIsAsThatSaysWhicheverComesFirst() {
    joiner.take(LEFT, shard("-80", "Stopped", 1));

    joiner.take(SUMMARY, whole(8, stream("-80", 1, "Running"), stream("80-", 1, "Running")));

    assertThat(streams()).containsExactly(stream("-80", 1, "Stopped"), stream("80-", 1, "Running"));
    assertThat(joiner.take(LEFT, null)).contains(KEY);
    assertThat(streams()).containsExactly(stream("80-", 1, "Running"));
  }

  @Test
  void aSummaryOfTheVersionBeforeHasNoOtherShards() {
    joiner.take(LEFT, shard("-80", "Running", 1));
    joiner.take(SUMMARY, summary(7, "-80"));

    joiner.take(SUMMARY, whole(8, stream("80-", 1, "Running")));

    assertThat(streams()).containsExactly(stream("80-", 1, "Running"));
  }

  @Test
  void whatHasNotTheKeyOfItsKindIsRefusedAndChangesNothing() {
    joiner.take(SUMMARY, summary(1));
    Stream.of(
            new Rec(LEFT, summary(2)),
            new Rec(SUMMARY, shard("-80", "Running", 1)),
            new Rec("no key", summary(2)))
        .forEach(record ->
            assertThatIllegalArgumentException()
                .isThrownBy(() -> joiner.take(record.key(), record.value())));

    assertThat(joiner.get(KEY)).contains(summary(1));
  }
}

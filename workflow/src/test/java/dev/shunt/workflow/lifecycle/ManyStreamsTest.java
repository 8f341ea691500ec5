package dev.shunt.workflow.lifecycle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As many streams as Vitess has shards for: all are kept whole, and one changes alone. */
class ManyStreamsTest {
  private static final int STREAMS = 65_536;
  private static final int BATCH = 1024;

  private final MessageSerializer serializer = new MessageSerializer(new InMemoryRegistry());

  private int encoded(@Nullable Message record) {
    return requireNonNull(serializer.serialize(Topics.WORKFLOWS, requireNonNull(record))).length;
  }

  private static StreamStatus stream(int number, int targets, long rows) {
    int sources = STREAMS / targets;
    int target = number / sources;
    int source = number % sources;
    return StreamStatus.of("%04x-%04x".formatted(target, target + 1), tablet(target), source + 1)
        .with(draft -> {
          draft.source =
              "keyspace:\"commerce\" shard:\"%02x-%02x\" filter:{rules:{match:\"corder\" filter:\"select * from corder where in_keyrange(customer_id, 'customer.hash', '%04x-%04x')\"}}"
                  .formatted(source, source + 1, target, target + 1);
          draft.position = "MySQL56/0f1a2b3c-4d5e-11ee-8a9b-0242ac120002:1-" + rows;
          draft.state = "Running";
          draft.dbName = "vt_customer";
          draft.rowsCopied = rows;
          draft.workflowType = 1;
          draft.options = "{}";
        });
  }

  private static String tablet(int target) {
    return "zone1-%010d".formatted(target);
  }

  /** Folds batch after batch as the store does: with the shards that a batch concerns. */
  private static FoldedStreams fold(
      FoldedStreams streams, StreamBatch batch, Map<String, ShardStatus> all) {
    Map<String, ShardStatus> concerned = new TreeMap<>(all);
    concerned.keySet().retainAll(batch.shards());
    FoldedStreams after = new FoldedStreams(streams.summary(), concerned).with(batch);
    concerned.keySet().forEach(all::remove);
    all.putAll(after.shards());
    return after;
  }

  @ParameterizedTest
  @CsvSource({"256, true", "256, false", "65536, true", "65536, false"})
  void allAreKeptWhole(int targets, boolean created) {
    Map<String, ShardStatus> all = new TreeMap<>();
    FoldedStreams streams = FoldedStreams.none("customer", "c2c");
    for (int from = 0; from < STREAMS; from += BATCH) {
      List<StreamStatus> reported =
          IntStream.range(from, from + BATCH).mapToObj(i -> stream(i, targets, 1)).toList();
      streams = fold(streams, new StreamBatch("customer", "c2c", reported, List.of()), all);
    }

    WorkflowStatus summary =
        requireNonNull(Evolver.evolve(created ? Given.active() : null, streams.summary()));
    assertThat(summary.shards()).hasSize(targets).containsExactlyElementsOf(all.keySet());
    assertThat(all.values().stream().mapToInt(shard -> shard.streams().size()).sum())
        .isEqualTo(STREAMS);
    assertThat(all.values())
        .allMatch(shard -> shard.streams().stream().noneMatch(one -> one.source().isEmpty()));
    assertThat(all.values().stream().limit(256)).allMatch(shard -> encoded(shard) < 256 * 1024);
    assertThat(encoded(summary)).isLessThan(2 * 1024 * 1024);
    assertThat(summary.phase()).isEqualTo(created ? Phase.ACTIVE : Phase.OBSERVED);
    if (!created) {
      assertThat(summary.targetShards()).hasSize(targets);
      assertThat(summary.sourceShards()).hasSize(STREAMS / targets);
      assertThat(summary.tables()).containsExactly("corder");
    }

    StreamBatch one =
        new StreamBatch("customer", "c2c", List.of(stream(4711, targets, 2)), List.of());
    String name = one.reported().getFirst().shard();
    FoldedStreams before =
        new FoldedStreams(streams.summary(), Map.of(name, requireNonNull(all.get(name))));
    FoldedStreams after = before.with(one);

    assertThat(encoded(streams.summary())).isLessThan(2 * 1024 * 1024);
    assertThat(after.summary()).isSameAs(streams.summary());
    assertThat(after.shards()).containsOnlyKeys(name).isNotEqualTo(before.shards());
  }

  @Test
  void areNoneWhenTheLastIsGone() {
    StreamStatus left = stream(STREAMS - 1, 2, 1);
    StreamStatus right = stream(0, 2, 1);
    FoldedStreams streams =
        FoldedStreams.none("customer", "c2c")
            .with(new StreamBatch("customer", "c2c", List.of(left, right), List.of()));
    WorkflowStatus status = Evolver.evolve((WorkflowStatus) null, streams.summary());
    List<LifecycleState> states = new ArrayList<>();
    states.add(LifecycleState.of(status));
    for (StreamStatus gone : List.of(left, right)) {
      streams =
          streams.with(new StreamBatch("customer", "c2c", List.of(), List.of(StreamId.of(gone))));
      status = Evolver.evolve(status, streams.summary());
      states.add(LifecycleState.of(status));
    }

    assertThat(states.get(0)).isInstanceOf(LifecycleState.Observed.class);
    assertThat(states.get(1)).isInstanceOf(LifecycleState.Observed.class);
    assertThat(states.get(2)).isEqualTo(new LifecycleState.Absent());
    assertThat(status).isNull();
    assertThat(streams).isEqualTo(FoldedStreams.none("customer", "c2c"));
  }
}

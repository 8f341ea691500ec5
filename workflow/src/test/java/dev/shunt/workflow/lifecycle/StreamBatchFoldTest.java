package dev.shunt.workflow.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.WorkflowStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch of the last reports of streams comes to what all reports one by one come to. */
class StreamBatchFoldTest {
  private static final List<String> SHARDS = List.of("-80", "80-");
  private static final List<String> TABLETS = List.of("zone1-0000000200", "zone1-0000000201");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20261201, 77_777})
  void foldsToWhatAllReportsFoldTo(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 12; round++) {
      for (WorkflowStatus before : starts(random)) {
        List<StreamEvent> reports = reports(random, 1 + random.nextInt(30));

        WorkflowStatus expected = foldAll(before, reports);

        assertThat(Evolver.evolve(before, lastOf(reports, random)))
            .as("seed %d, round %d, from %s", seed, round, before)
            .isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void foldsToTheSameHoweverReportsAreCutIntoBatches(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 12; round++) {
      for (WorkflowStatus before : starts(random)) {
        List<StreamEvent> reports = reports(random, 40);
        WorkflowStatus cut = before;
        int from = 0;
        while (from < reports.size()) {
          int to = Math.min(reports.size(), from + 1 + random.nextInt(12));
          cut = Evolver.evolve(cut, lastOf(reports.subList(from, to), random));
          from = to;
        }

        assertThat(cut)
            .as("seed %d, round %d, from %s", seed, round, before)
            .isEqualTo(foldAll(before, reports));
      }
    }
  }

  /** A successor reads again what its predecessor had published. */
  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9})
  void aBatchOfReportsThatWereFoldedBeforeAndLaterOnesFoldsToTheLaterOnes(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 12; round++) {
      for (WorkflowStatus before : starts(random)) {
        List<StreamEvent> reports = reports(random, 30);
        int published = random.nextInt(reports.size() + 1);
        int resumeAt = random.nextInt(published + 1);
        WorkflowStatus then =
            published == 0
                ? before
                : Evolver.evolve(before, lastOf(reports.subList(0, published), random));
        if (resumeAt < reports.size()) {
          then = Evolver.evolve(then, lastOf(reports.subList(resumeAt, reports.size()), random));
        }

        assertThat(then)
            .as("seed %d, round %d, from %s", seed, round, before)
            .isEqualTo(foldAll(before, reports));
      }
    }
  }

  /** The store reads and writes the records that a batch concerns, and no others. */
  @ParameterizedTest
  @ValueSource(longs = {10, 11, 12, 13})
  void foldsToTheSameWithTheShardsAloneThatABatchConcerns(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 12; round++) {
      for (WorkflowStatus before : starts(random)) {
        WorkflowStatus whole = before;
        WorkflowStatus summary = SplitStatus.of(before).summary();
        FoldedStreams streams =
            before == null ? FoldedStreams.none("customer", "c2c") : FoldedStreams.of(before);
        for (int i = 0; i < 10; i++) {
          StreamBatch batch = lastOf(reports(random, 1 + random.nextInt(3)), random);
          whole = Evolver.evolve(whole, batch);

          Map<String, ShardStatus> concerned = new TreeMap<>(streams.shards());
          concerned.keySet().retainAll(batch.shards());
          FoldedStreams after = new FoldedStreams(streams.summary(), concerned).with(batch);
          Map<String, ShardStatus> shards = new TreeMap<>(streams.shards());
          shards.keySet().removeAll(batch.shards());
          shards.putAll(after.shards());
          streams = new FoldedStreams(after.summary(), shards);
          summary = Evolver.evolve(summary, after.summary());

          assertThat(new SplitStatus(summary, shards))
              .as("seed %d, round %d, from %s", seed, round, before)
              .isEqualTo(SplitStatus.of(whole));
          assertThat(new SplitStatus(summary, shards).joined()).isEqualTo(whole);
        }
      }
    }
  }

  @Test
  void aBatchNeedsTheStreamsOfTheShardsThatItConcerns() {
    FoldedStreams streams = new FoldedStreams(FoldedStreams.of(observed()).summary(), Map.of());
    StreamBatch batch = batch(List.of(Given.stream("-80", 2, "Running", "")), List.of());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> streams.with(batch))
        .withMessage("the streams into shard -80 are not given");
  }

  @Test
  void aBatchThatSaysNothingNewChangesNothing() {
    WorkflowStatus status = observed();
    StreamBatch same =
        new StreamBatch(
            "customer",
            "c2c",
            List.of(Given.stream("-80", 1, "Running", "")),
            List.of(new StreamId("-80", "zone1-0000000200", 99)));

    assertThat(Evolver.evolve(status, same)).isSameAs(status);
    assertThat(Evolver.evolve(status, batch(List.of(), List.of()))).isSameAs(status);
  }

  @Test
  void aBatchOfRemovalsLeavesNothingOfAWorkflowThatNoCommandCreated() {
    StreamBatch removal = batch(List.of(), List.of(new StreamId("-80", "zone1-0000000200", 1)));

    assertThat(Evolver.evolve(observed(), removal)).isNull();
    assertThat(Evolver.evolve((WorkflowStatus) null, removal)).isNull();
    assertThat(Evolver.evolve((WorkflowStatus) null, batch(List.of(), List.of()))).isNull();
  }

  @Test
  void aBatchLeavesTheVersionAndThePhaseOfACreatedWorkflow() {
    WorkflowStatus active = Given.active();
    assertThat(active).isNotNull();

    WorkflowStatus then =
        Evolver.evolve(active, batch(List.of(Given.stream("-80", 1, "Copying", "")), List.of()));

    assertThat(then).isNotNull();
    assertThat(then.version()).isEqualTo(active.version());
    assertThat(then.phase()).isEqualTo(Phase.ACTIVE);
    assertThat(then.tables()).isEqualTo(active.tables());
    assertThat(then.streams()).containsExactly(Given.stream("-80", 1, "Copying", ""));
  }

  private static WorkflowStatus observed() {
    WorkflowStatus status = Given.observed("");
    assertThat(status).isNotNull();
    return status;
  }

  private static StreamBatch batch(List<StreamStatus> reported, List<StreamId> removed) {
    return new StreamBatch("customer", "c2c", reported, removed);
  }

  /** Nothing known, created by a command in several stages, and observed. */
  private static List<@Nullable WorkflowStatus> starts(Random random) {
    List<@Nullable WorkflowStatus> starts = new ArrayList<>();
    starts.add(null);
    starts.add(Given.creating());
    starts.add(Given.active());
    starts.add(Given.deleted());
    starts.add(Evolver.evolve(Given.creating(), Given.failed("c1")));
    starts.add(foldAll(null, reports(random, 6)));
    starts.add(foldAll(Given.active(), reports(random, 6)));
    return starts;
  }

  private static @Nullable WorkflowStatus foldAll(
      @Nullable WorkflowStatus before, List<StreamEvent> reports) {
    WorkflowStatus status = before;
    for (StreamEvent report : reports) {
      status = Evolver.evolve(status, report);
    }
    return status;
  }

  /** The last report of each stream, in any order: a batch says nothing of which came first. */
  private static StreamBatch lastOf(Collection<StreamEvent> reports, Random random) {
    Map<StreamId, StreamEvent> last = new LinkedHashMap<>();
    for (StreamEvent report : reports) {
      last.put(idOf(report), report);
    }
    List<StreamStatus> reported = new ArrayList<>();
    List<StreamId> removed = new ArrayList<>();
    last.forEach((id, report) -> {
      switch (report) {
        case StreamReported one -> reported.add(one.stream());
        case StreamRemoved _ -> removed.add(id);
      }
    });
    Collections.shuffle(reported, random);
    Collections.shuffle(removed, random);
    return batch(reported, removed);
  }

  private static StreamId idOf(StreamEvent report) {
    return switch (report) {
      case StreamReported reported -> StreamId.of(reported.stream());
      case StreamRemoved removed -> new StreamId(removed.shard(), removed.tablet(), removed.id());
    };
  }

  private static List<StreamEvent> reports(Random random, int count) {
    return Stream.generate(() -> report(random)).limit(count).toList();
  }

  private static StreamEvent report(Random random) {
    String shard = SHARDS.get(random.nextInt(SHARDS.size()));
    String tablet = TABLETS.get(random.nextInt(TABLETS.size()));
    long id = random.nextInt(3);
    if (random.nextInt(3) == 0) {
      return new StreamRemoved("customer", "c2c", 1, shard, tablet, id);
    }
    StreamStatus stream =
        StreamStatus.of(shard, tablet, id)
            .with(draft -> {
              draft.state = random.nextBoolean() ? "Copying" : "Running";
              draft.source = source(random);
              draft.message = random.nextInt(4) == 0 ? "slow" : "";
              draft.rowsCopied = random.nextInt(3);
              draft.workflowType = random.nextInt(6);
              draft.copyStates =
                  random.nextBoolean() ? List.of() : List.of(new CopyState("corder", "pk"));
            });
    return new StreamReported("customer", "c2c", 1, stream);
  }

  private static String source(Random random) {
    return random.nextInt(6) == 0
        ? "unreadable {"
        : "keyspace:\"%s\" shard:\"%d\" filter:{rules:{match:\"%s\" filter:\"\"}}"
            .formatted(
                random.nextInt(4) == 0 ? "other" : "commerce",
                random.nextInt(2),
                random.nextBoolean() ? "corder" : "customer");
  }
}

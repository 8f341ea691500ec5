package dev.shunt.workflow.lifecycle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The records of a status stay below what Kafka takes as one, whatever is told. */
class StatusSizeTest {
  private final MessageSerializer serializer = new MessageSerializer(new InMemoryRegistry());

  private int encoded(@Nullable Message record) {
    return requireNonNull(serializer.serialize(Topics.WORKFLOWS, requireNonNull(record))).length;
  }

  private static @Nullable WorkflowStatus diffed(
      @Nullable WorkflowStatus before, int number, List<String> tables, String report) {
    String id = "v" + number;
    String uuid = new UUID(0, number).toString();
    WorkflowStatus status = Evolver.evolve(before, Given.admitted(Given.diff(id, uuid)));
    status =
        Evolver.evolve(
            status,
            new VDiffStarted(Given.event(id, 0), uuid, tables, List.of("-80", "80-"), 0, true));
    for (String table : tables.subList(0, Math.min(tables.size(), 4))) {
      status =
          Evolver.evolve(
              status,
              new VDiffTableFinished(
                  Given.event(id, 0),
                  uuid,
                  new TableDiff("-80", table, "completed", 9, 1, 8, 0, 0, report)));
    }
    status =
        Evolver.evolve(
            status,
            new VDiffFinished(
                Given.event(id, 0), uuid, "error", 36, true, "e".repeat(1024 * 1024)));
    return Evolver.evolve(
        status,
        new CommandFailed(Given.event(id, 0), "VDiffCreate", "INTERNAL", "m".repeat(1024 * 1024)));
  }

  @Test
  void largeReportsOfOlderDiffsGoFirst() {
    WorkflowStatus status = Given.active();
    for (int i = 0; i < 12; i++) {
      status = diffed(status, i, List.of("a", "b", "c"), "r".repeat(250 * 1024));
    }

    assertThat(encoded(status)).isLessThan(2 * 1024 * 1024);
    List<DiffStatus> diffs = requireNonNull(status).diffs();
    assertThat(diffs).hasSize(10);
    assertThat(diffs.getLast().tables())
        .filteredOn(table -> table.state().equals("completed"))
        .hasSize(3)
        .allMatch(table -> !table.report().isEmpty());
    assertThat(diffs.getFirst().tables())
        .filteredOn(table -> table.state().equals("completed"))
        .hasSize(3)
        .allMatch(table -> table.report().isEmpty() && table.mismatchedRows() == 8);
    assertThat(requireNonNull(status.lastOutcome()).message()).hasSize(StatusSize.LONGEST_SENTENCE);
  }

  @Test
  void aDiffWithTooManyTablesKeepsItsTotals() {
    List<String> tables =
        IntStream.range(0, 20_000).mapToObj(i -> "table_with_a_long_name_" + i).toList();
    WorkflowStatus status = diffed(Given.active(), 1, tables, "r");

    assertThat(encoded(status)).isLessThan(2 * 1024 * 1024);
    assertThat(requireNonNull(status).diffs().getLast().rowsCompared()).isEqualTo(36);
    assertThat(status.diffs().getLast().hasMismatch()).isTrue();
  }

  @Test
  void streamsBeyondTheBudgetAreKeptWithoutTheirSource() {
    int count = 600;
    SplitStatus status =
        fold(Given.active(), batch(LongStream.range(0, count).mapToObj(StatusSizeTest::stream)));

    ShardStatus shard = requireNonNull(status.shards().get("-80"));
    assertThat(encoded(shard)).isLessThan(Topics.MAX_MESSAGE_BYTES * 7 / 8);
    assertThat(shard.streams()).hasSize(count);
    assertThat(shard.streams().getFirst()).isEqualTo(stream(0));
    assertThat(shard.streams().getLast().source()).isEmpty();
    assertThat(shard.streams().getLast().state()).isEqualTo("Running");
  }

  /** As many as a shard has room for does each shard have. */
  @Test
  void theStreamsOfAShardLeaveRoomForThoseOfOthers() {
    Stream<StreamStatus> streams =
        LongStream.range(0, 900)
            .mapToObj(i -> stream(i).with(draft -> draft.shard = "shard-" + i % 3));

    SplitStatus status = fold(Given.active(), batch(streams));

    assertThat(status.shards().values())
        .hasSize(3)
        .allSatisfy(shard ->
            assertThat(shard.streams()).hasSize(300).noneMatch(one -> one.source().isEmpty()));
  }

  @Test
  void theSummaryOfAWorkflowThatNoCommandCreatedHasRoomForSoManyNames() {
    Stream<StreamStatus> streams =
        LongStream.range(0, 3000)
            .mapToObj(i ->
                stream(i)
                    .with(draft ->
                        draft.source =
                            "keyspace:\"k\" shard:\"0\" filter:{rules:{match:\"%s%d\"}}"
                                .formatted("t".repeat(1000), i)));

    SplitStatus status = fold(null, batch(streams));

    WorkflowStatus summary = requireNonNull(status.summary());
    assertThat(encoded(summary)).isLessThan(3 * 1024 * 1024);
    assertThat(summary.tables()).hasSizeBetween(900, 1100);
    assertThat(summary.sourceKeyspace()).isEqualTo("k");
    assertThat(requireNonNull(status.shards().get("-80")).streams())
        .hasSize(3000)
        .filteredOn(stream -> !stream.source().isEmpty())
        .hasSameSizeAs(summary.tables());
  }

  /** Nothing that Vitess knows of has such names. */
  @Test
  void shardsWithEndlessNamesAreLeftOut() {
    String endless = "s".repeat(100_000);

    SplitStatus status =
        fold(
            Given.active(),
            batch(Stream.of(stream(1), stream(2).with(draft -> draft.shard = endless))));

    assertThat(status.shards()).containsOnlyKeys("-80");
    assertThat(requireNonNull(status.summary()).shards()).containsExactly("-80");
  }

  @Test
  void shardsBeyondWhatTheSummaryCanNameAreLeftOut() {
    Stream<StreamStatus> streams =
        LongStream.range(0, 10_000)
            .mapToObj(i ->
                StreamStatus.of("s".repeat(300) + i, "zone1-0000000200", 1)
                    .with(draft -> draft.state = "Running"));

    SplitStatus status = fold(null, batch(streams));

    assertThat(encoded(status.summary())).isLessThan(4 * 1024 * 1024);
    assertThat(requireNonNull(status.summary()).shards())
        .hasSizeBetween(4900, 5200)
        .containsExactlyElementsOf(status.shards().keySet());
  }

  private static SplitStatus fold(@Nullable WorkflowStatus status, StreamBatch reports) {
    FoldedStreams streams = FoldedStreams.none("customer", "c2c").with(reports);
    return new SplitStatus(Evolver.evolve(status, streams.summary()), streams.shards());
  }

  private static StreamBatch batch(Stream<StreamStatus> streams) {
    return new StreamBatch("customer", "c2c", streams.toList(), List.of());
  }

  @Test
  void estimatesAreNeverBelowTheEncodedSize() {
    List<StreamStatus> streams = LongStream.range(0, 10).mapToObj(StatusSizeTest::stream).toList();
    ShardStatus none = new ShardStatus("customer", "c2c", "-80", List.of());
    ShardStatus some = new ShardStatus("customer", "c2c", "-80", streams);

    assertThat(streams.stream().mapToLong(StatusSize::of).sum())
        .isGreaterThanOrEqualTo(encoded(some) - encoded(none));
  }

  private static StreamStatus stream(long id) {
    return StreamStatus.of("-80", "zone1-0000000200", id)
        .with(draft -> {
          draft.source = "\u00e4\u6f22\ud83d\ude00".repeat(1500);
          draft.position = "p";
          draft.state = "Running";
          draft.dbName = "vt_customer";
          draft.transactionTimestamp = Long.MAX_VALUE;
          draft.timeUpdated = Long.MAX_VALUE;
          draft.timeHeartbeat = Long.MAX_VALUE;
          draft.timeThrottled = Long.MAX_VALUE;
          draft.rowsCopied = Long.MAX_VALUE;
          draft.cells = "zone1";
          draft.tabletTypes = "primary";
          draft.workflowType = Integer.MAX_VALUE;
          draft.workflowSubType = Integer.MAX_VALUE;
          draft.deferSecondaryKeys = true;
          draft.options = "{}";
          draft.copyStates = List.of(new CopyState("corder", "pk"), new CopyState("customer", ""));
        });
  }
}

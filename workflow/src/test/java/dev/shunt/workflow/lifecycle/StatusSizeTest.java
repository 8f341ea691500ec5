package dev.shunt.workflow.lifecycle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.InMemoryRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A status stays below what Kafka takes as one record, whatever is told. */
class StatusSizeTest {
  private final MessageSerializer serializer = new MessageSerializer(new InMemoryRegistry());

  private int encoded(@Nullable WorkflowStatus status) {
    return requireNonNull(serializer.serialize(Topics.WORKFLOWS, requireNonNull(status))).length;
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
    WorkflowStatus status = Given.active();
    int count = 300;
    for (int i = 0; i < count; i++) {
      status = Evolver.evolve(status, new StreamReported("customer", "c2c", 1, stream(i)));
    }

    assertThat(encoded(status)).isLessThan(4 * 1024 * 1024);
    List<StreamStatus> streams = requireNonNull(status).streams();
    assertThat(streams).hasSize(count);
    assertThat(streams.getFirst()).isEqualTo(stream(0));
    assertThat(streams.getLast().source()).isEmpty();
    assertThat(streams.getLast().state()).isEqualTo("Running");
  }

  @Test
  void estimatesAreNeverBelowTheEncodedSize() {
    List<StreamStatus> streams = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      streams.add(stream(i));
    }
    WorkflowStatus empty = requireNonNull(Given.active());
    WorkflowStatus status = empty;
    for (StreamStatus stream : streams) {
      status =
          requireNonNull(Evolver.evolve(status, new StreamReported("customer", "c2c", 1, stream)));
    }
    assertThat(streams.stream().mapToLong(StatusSize::of).sum())
        .isGreaterThanOrEqualTo(encoded(status) - encoded(empty));
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

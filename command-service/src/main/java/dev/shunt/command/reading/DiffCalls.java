package dev.shunt.command.reading;

import dev.shunt.command.refusing.Refusals;
import dev.shunt.schemas.DiffState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import io.grpc.StatusRuntimeException;
import io.vitess.proto.Query;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata.VDiffResponse;
import vtctldata.Vtctldata;

/**
 * VDiffShow: the diffs in the materialised state, in the result sets that tablets of Vitess answer
 * with, so that any client can render them.
 */
public final class DiffCalls {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final WorkflowStates workflows;

  /** Answers from the materialised state. */
  public DiffCalls(WorkflowStates workflows) {
    this.workflows = workflows;
  }

  /** Shows all diffs, the last, or one; NOT_FOUND for an unknown workflow or id. */
  public Vtctldata.VDiffShowResponse show(Vtctldata.VDiffShowRequest request) {
    WorkflowKey key = new WorkflowKey(request.getTargetKeyspace(), request.getWorkflow());
    WorkflowStatus status =
        workflows
            .find(key)
            .orElseThrow(() ->
                Refusals.notFound(
                    "no streams found in keyspace %s for %s"
                        .formatted(key.keyspace(), key.workflow())));
    List<DiffStatus> newestFirst = diffs(status).reversed();
    String arg = request.getArg().toLowerCase(Locale.ROOT);
    return switch (arg) {
      case "all" -> all(status, newestFirst);
      case "last" -> newestFirst.isEmpty() ? none(status) : summary(status, newestFirst.getFirst());
      default ->
          summary(
              status,
              newestFirst.stream()
                  .filter(diff -> diff.uuid().equals(arg))
                  .findFirst()
                  .orElseThrow(() ->
                      whyNone(status, arg)
                          .orElseGet(() ->
                              Refusals.notFound(
                                  "no vdiff with UUID %s found for %s".formatted(arg, key)))));
    };
  }

  /** Why a diff that was asked for never began; its command has the id of the diff. */
  private static Optional<StatusRuntimeException> whyNone(WorkflowStatus status, String uuid) {
    return Optional.ofNullable(status.lastOutcome())
        .filter(outcome -> outcome.commandId().equals(uuid))
        .filter(outcome -> outcome.kind() != OutcomeKind.SUCCEEDED)
        .map(outcome -> Refusals.of(outcome.code(), outcome.message()));
  }

  /** Diffs oldest first; one that is admitted and has not begun counts as pending. */
  private static List<DiffStatus> diffs(WorkflowStatus status) {
    List<DiffStatus> diffs = new ArrayList<>(status.diffs());
    for (InFlight running : status.inFlightDiffs()) {
      if (looksLikeUuid(running.commandId())
          && status.diffs().stream().noneMatch(diff -> isOf(diff, running))) {
        diffs.add(DiffStatus.of(running.commandId(), DiffState.PENDING.text()));
      }
    }
    return diffs;
  }

  /** Versions that ran one diff at a time did not say whose it is. */
  private static boolean isOf(DiffStatus diff, InFlight running) {
    return diff.uuid().equals(running.commandId())
        || diff.commandId().equals(running.commandId())
        || (diff.commandId().isEmpty() && DiffState.STARTED.is(diff.state()));
  }

  private static boolean looksLikeUuid(String id) {
    return id.length() == 36;
  }

  private static Vtctldata.VDiffShowResponse none(WorkflowStatus status) {
    Vtctldata.VDiffShowResponse.Builder answer = Vtctldata.VDiffShowResponse.newBuilder();
    for (String shard : shards(status, List.of())) {
      answer.putTabletResponses(shard, VDiffResponse.getDefaultInstance());
    }
    return answer.build();
  }

  private static Vtctldata.VDiffShowResponse all(WorkflowStatus status, List<DiffStatus> diffs) {
    Vtctldata.VDiffShowResponse.Builder answer = Vtctldata.VDiffShowResponse.newBuilder();
    for (String shard : shards(status, diffs)) {
      ResultTable table =
          new ResultTable(
              columns(
                  "vdiff_uuid",
                  "workflow",
                  "keyspace",
                  "shard",
                  "state",
                  "last_error",
                  "started_at",
                  "completed_at"));
      for (DiffStatus diff : diffs) {
        table.add(
            Arrays.asList(
                diff.uuid(),
                status.workflow(),
                status.keyspace(),
                shard,
                diff.state(),
                diff.error(),
                time(diff.startedAt()),
                time(diff.completedAt())));
      }
      answer.putTabletResponses(shard, VDiffResponse.newBuilder().setOutput(table.build()).build());
    }
    return answer.build();
  }

  private static Vtctldata.VDiffShowResponse summary(WorkflowStatus status, DiffStatus diff) {
    Vtctldata.VDiffShowResponse.Builder answer = Vtctldata.VDiffShowResponse.newBuilder();
    for (String shard : shards(status, List.of(diff))) {
      ResultTable table = new ResultTable(summaryColumns());
      List<TableDiff> tables =
          diff.tables().stream().filter(result -> result.shard().equals(shard)).toList();
      tables.forEach(result -> table.add(row(diff, Optional.of(result))));
      if (tables.isEmpty()) {
        table.add(row(diff, Optional.empty()));
      }
      answer.putTabletResponses(
          shard,
          VDiffResponse.newBuilder().setOutput(table.build()).setVdiffUuid(diff.uuid()).build());
    }
    return answer.build();
  }

  private static SequencedMap<String, Query.Type> summaryColumns() {
    SequencedMap<String, Query.Type> columns =
        columns(
            "vdiff_state",
            "last_error",
            "table_name",
            "uuid",
            "table_state",
            "table_rows",
            "started_at",
            "rows_compared",
            "completed_at",
            "has_mismatch",
            "report");
    columns.put("table_rows", Query.Type.INT64);
    columns.put("rows_compared", Query.Type.INT64);
    columns.put("has_mismatch", Query.Type.INT64);
    columns.put("report", Query.Type.JSON);
    return columns;
  }

  private static List<@Nullable Object> row(DiffStatus diff, Optional<TableDiff> table) {
    List<@Nullable Object> row = new ArrayList<>();
    row.add(diff.state());
    row.add(diff.error());
    row.add(table.map(TableDiff::table).orElse(null));
    row.add(diff.uuid());
    row.add(table.map(TableDiff::state).orElse(diff.state()));
    row.add(table.map(TableDiff::processedRows).orElse(null));
    row.add(time(diff.startedAt()));
    row.add(table.map(TableDiff::processedRows).orElse(null));
    row.add(time(diff.completedAt()));
    row.add(table.map(DiffCalls::mismatch).orElse(0));
    row.add(table.map(DiffReportJson::json).orElse(null));
    return row;
  }

  private static int mismatch(TableDiff table) {
    return table.mismatchedRows() + table.extraRowsSource() + table.extraRowsTarget() > 0 ? 1 : 0;
  }

  private static SortedSet<String> shards(WorkflowStatus status, List<DiffStatus> diffs) {
    TreeSet<String> shards = new TreeSet<>(status.targetShards());
    status.streams().forEach(stream -> shards.add(stream.shard()));
    diffs.forEach(diff -> diff.tables().forEach(table -> shards.add(table.shard())));
    return shards;
  }

  private static SequencedMap<String, Query.Type> columns(String... names) {
    SequencedMap<String, Query.Type> columns = new LinkedHashMap<>();
    for (String name : names) {
      columns.put(name, Query.Type.VARCHAR);
    }
    return columns;
  }

  private static @Nullable String time(long millis) {
    return millis == 0 ? null : TIME.format(Instant.ofEpochMilli(millis));
  }
}

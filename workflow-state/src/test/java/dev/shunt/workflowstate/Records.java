package dev.shunt.workflowstate;

import dev.shunt.schemas.CommandCancel;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.StepFailed;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Records for tests. */
final class Records {
  static final WorkflowKey KEY = new WorkflowKey("customer", "c2c");

  private Records() {}

  /** A driver commits behind each record, whatever is asked for. */
  static CommitPace pace() {
    return new CommitPace(Duration.ZERO, 0, Duration.ZERO, Duration.ZERO, () -> 0);
  }

  static CommandHeader header(WorkflowKey key, String id, @Nullable Long expectedVersion) {
    return new CommandHeader(
        id, key.keyspace(), key.workflow(), "ann", "why", expectedVersion, false, 1);
  }

  static MoveTablesCreate create(WorkflowKey key, String id) {
    return create(key, id, "commerce", List.of(), List.of("corder"), List.of());
  }

  static MoveTablesCreate create(
      WorkflowKey key,
      String id,
      String sourceKeyspace,
      List<String> sourceShards,
      List<String> tables,
      List<String> cells) {
    return MoveTablesCreate.of(header(key, id, null), sourceKeyspace)
        .with(draft -> {
          draft.sourceShards = sourceShards;
          draft.includeTables = tables;
          draft.cells = cells;
          draft.tabletTypes = List.of("PRIMARY");
          draft.deferSecondaryKeys = false;
          draft.autoIncrementHandling = "LEAVE";
        });
  }

  static WorkflowDelete delete(WorkflowKey key, String id, @Nullable Long expectedVersion) {
    return new WorkflowDelete(header(key, id, expectedVersion), false, false);
  }

  /** A command as large as its reason. */
  static WorkflowDelete deleteFor(WorkflowKey key, String id, String reason) {
    return new WorkflowDelete(
        new CommandHeader(id, key.keyspace(), key.workflow(), "ann", reason, null, false, 1000),
        false,
        false);
  }

  static StepStarted started(WorkflowKey key, String commandId, String step) {
    return new StepStarted(event(key, commandId), step, "");
  }

  static SwitchTraffic switchTraffic(WorkflowKey key, String id, long timeoutMillis) {
    return new SwitchTraffic(
        header(key, id, null),
        List.of("PRIMARY"),
        List.of(),
        Direction.FORWARD,
        timeoutMillis,
        1000,
        true,
        false,
        false);
  }

  static SwitchTraffic switchCells(WorkflowKey key, String id, List<String> cells) {
    return new SwitchTraffic(
        header(key, id, null),
        List.of("REPLICA"),
        cells,
        Direction.FORWARD,
        1000,
        1000,
        true,
        false,
        false);
  }

  static StepFailed stepFailed(WorkflowKey key, String commandId, String step, String error) {
    return new StepFailed(event(key, commandId), step, error, 1);
  }

  static WorkflowDelete deleteBefore(WorkflowKey key, String id, long beginBefore) {
    return new WorkflowDelete(header(key, id, null).withBeginBefore(beginBefore), false, false);
  }

  static CommandCancel cancel(WorkflowKey key, String id, String target, boolean abandon) {
    return new CommandCancel(header(key, id, null), target, abandon);
  }

  static VDiffCreate diff(WorkflowKey key, String id) {
    return VDiffCreate.of(header(key, id, null))
        .with(draft -> {
          draft.uuid = new UUID(0, id.hashCode()).toString();
          draft.tabletTypes = List.of();
          draft.tabletTypesInOrder = false;
          draft.limit = 1;
          draft.waitTimeoutMillis = 1;
          draft.maxExtraRowsToCompare = 1;
          draft.maxReportSampleRows = 1;
          draft.columnTruncateAt = 0;
          draft.autoRetry = false;
        });
  }

  static CommandSignal signal(WorkflowKey key, String id, String target, SignalKind kind) {
    return new CommandSignal(header(key, id, null), target, kind, Map.of());
  }

  /** The command's run has taken a signal. */
  static SignalTaken taken(WorkflowKey key, String commandId, String signalId) {
    return new SignalTaken(event(key, commandId), signalId, SignalKind.STOP, Map.of());
  }

  /** The diff that {@link #diff} asks for has begun. */
  static VDiffStarted diffStarted(WorkflowKey key, String id) {
    return new VDiffStarted(
        event(key, id), diff(key, id).uuid(), List.of("corder"), List.of("0"), 0, true);
  }

  static EventHeader event(WorkflowKey key, String commandId) {
    return new EventHeader(key.keyspace(), key.workflow(), commandId, 1000, "test", 0);
  }

  static WorkflowCreated created(WorkflowKey key, String commandId) {
    return new WorkflowCreated(
        event(key, commandId),
        "MoveTables",
        "commerce",
        List.of("0"),
        List.of("0"),
        List.of("corder"),
        List.of("corder"));
  }

  static CommandSucceeded succeeded(WorkflowKey key, String commandId) {
    return new CommandSucceeded(event(key, commandId), "", "done", List.of(), Map.of(), 1);
  }

  static StreamReported reported(WorkflowKey key, String state, long rows) {
    return reported(key, "0", state, rows);
  }

  static StreamReported reported(WorkflowKey key, String shard, String state, long rows) {
    return new StreamReported(
        key.keyspace(),
        key.workflow(),
        1000,
        StreamStatus.of(shard, "zone1-0000000200", 1)
            .with(draft -> {
              draft.state = state;
              draft.dbName = "customer";
              draft.rowsCopied = rows;
              draft.workflowType = 1;
              draft.options = "{}";
            }));
  }
}

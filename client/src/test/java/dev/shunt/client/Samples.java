package dev.shunt.client;

import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Records for tests. */
final class Samples {
  private Samples() {}

  static WorkflowDelete delete(WorkflowKey key) {
    return new WorkflowDelete(
        new CommandHeader(
            UUID.randomUUID().toString(),
            key.keyspace(),
            key.workflow(),
            "ann",
            "a test",
            null,
            false,
            1000),
        false,
        false);
  }

  static EventHeader header(WorkflowKey key, String commandId, long at, long fence) {
    return new EventHeader(key.keyspace(), key.workflow(), commandId, at, "test", fence);
  }

  static CommandAdmitted admitted(WorkflowKey key, String commandId) {
    return new CommandAdmitted(
        header(key, commandId, 1001, 0), "dev.shunt.WorkflowDelete", "copy", "ann", "", false);
  }

  static StepStarted started(WorkflowKey key, String commandId, long at, long fence) {
    return new StepStarted(header(key, commandId, at, fence), "step at " + at, "");
  }

  static CommandSucceeded succeeded(WorkflowKey key, String commandId, long fence) {
    return new CommandSucceeded(
        header(key, commandId, 1010, fence),
        "dev.shunt.WorkflowDelete",
        "deleted",
        List.of("a line"),
        Map.of("a", "b"),
        5);
  }

  static CommandFailed failed(WorkflowKey key, String commandId, long fence) {
    return new CommandFailed(
        header(key, commandId, 1010, fence), "dev.shunt.WorkflowDelete", "ABORTED", "too slow");
  }

  static CommandRefused refused(WorkflowKey key, String commandId) {
    return new CommandRefused(
        header(key, commandId, 1010, 0),
        "dev.shunt.WorkflowDelete",
        "ann",
        "",
        "NOT_FOUND",
        "no such workflow");
  }

  static WorkflowStatus status(WorkflowKey key, long version) {
    return WorkflowStatus.of(key.keyspace(), key.workflow())
        .with(draft -> {
          draft.version = version;
          draft.phase = Phase.ACTIVE;
          draft.workflowType = "MoveTables";
          draft.sourceKeyspace = "commerce";
          draft.sourceShards = List.of("0");
          draft.targetShards = List.of("-80", "80-");
          draft.tables = List.of("t");
          draft.createdTables = List.of("t");
          draft.createdAt = 1;
          draft.updatedAt = version;
        });
  }
}

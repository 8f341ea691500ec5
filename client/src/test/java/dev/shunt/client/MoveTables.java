package dev.shunt.client;

import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.CopyState;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.lifecycle.Evolver;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A workflow that was created and copies. */
record MoveTables(WorkflowKey key) {
  static final long CREATED_AT = 2000;

  private static final String COMMAND = "create";

  List<Event> events() {
    return List.of(
        new CommandAdmitted(
            Samples.header(key, COMMAND, 1000, 0), "MoveTablesCreate", "copy", "ann", "", false),
        Samples.started(key, COMMAND, 1500, 4),
        new WorkflowCreated(
            Samples.header(key, COMMAND, CREATED_AT, 4),
            "MoveTables",
            "commerce",
            List.of("0"),
            List.of("-80", "80-"),
            List.of("t"),
            List.of("t")),
        new CommandSucceeded(
            Samples.header(key, COMMAND, 2500, 4),
            "MoveTablesCreate",
            "created",
            List.of(),
            Map.of("z", "1", "a", "2"),
            9));
  }

  List<StreamEvent> reports() {
    return List.of(
        reported("-80", 1, 3000),
        reported("80-", 1, 3001),
        reported("80-", 2, 3002),
        new StreamRemoved(key.keyspace(), key.workflow(), 3003, "80-", "zone1-200", 2),
        reported("-80", 1, 3004));
  }

  WorkflowStatus status() {
    WorkflowStatus status = null;
    for (Event event : events()) {
      status = Evolver.evolve(status, event);
    }
    for (StreamEvent event : reports()) {
      status = Evolver.evolve(status, event);
    }
    return Objects.requireNonNull(status);
  }

  private StreamReported reported(String shard, long id, long at) {
    return new StreamReported(
        key.keyspace(),
        key.workflow(),
        at,
        StreamStatus.of(shard, "zone1-200", id)
            .with(draft -> {
              draft.source = "keyspace:\"commerce\" shard:\"0\"";
              draft.position = "0-1-" + at;
              draft.state = "Copying";
              draft.dbName = "vt_customer";
              draft.transactionTimestamp = at;
              draft.timeUpdated = at;
              draft.timeHeartbeat = at;
              draft.rowsCopied = at;
              draft.workflowType = 1;
              draft.options = "{}";
              draft.copyStates = List.of(new CopyState("t", ""));
            }));
  }
}

package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowCompleted;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowDeleted;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.WorkflowUpdate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Commands, events and states to begin with. */
final class Given {
  static final String UUID_1 = new UUID(1, 1).toString();

  private Given() {}

  static CommandHeader command(String id) {
    return command(id, null);
  }

  static CommandHeader command(String id, @Nullable Long expectedVersion) {
    return new CommandHeader(id, "customer", "c2c", "ann", "why", expectedVersion, false, 1000);
  }

  static CommandHeader dryRun(String id) {
    return new CommandHeader(id, "customer", "c2c", "ann", "why", null, true, 1000);
  }

  static MoveTablesCreate create(String id) {
    return create(command(id), "commerce", List.of("corder"), "IGNORE", List.of("PRIMARY"));
  }

  static MoveTablesCreate create(
      CommandHeader header,
      String source,
      List<String> tables,
      String onDdl,
      List<String> tabletTypes) {
    return MoveTablesCreate.of(header, source)
        .with(draft -> {
          draft.includeTables = tables;
          draft.tabletTypes = tabletTypes;
          draft.onDdl = onDdl;
          draft.deferSecondaryKeys = false;
          draft.autoIncrementHandling = "LEAVE";
        });
  }

  static MoveTablesComplete complete(String id) {
    return new MoveTablesComplete(command(id), false, false, false);
  }

  static WorkflowDelete delete(String id) {
    return new WorkflowDelete(command(id), false, false);
  }

  static WorkflowUpdate update(String id, @Nullable DesiredState state) {
    return new WorkflowUpdate(command(id), state, null, null, null, null, List.of(), Map.of());
  }

  static SwitchTraffic switchTraffic(String id) {
    return switchTraffic(command(id), List.of("PRIMARY", "REPLICA", "RDONLY"), 30_000);
  }

  static SwitchTraffic switchTraffic(CommandHeader header, List<String> types, long timeout) {
    return new SwitchTraffic(
        header, types, List.of(), Direction.FORWARD, timeout, 30_000, true, false, false);
  }

  static VDiffCreate diff(String id, String uuid) {
    return VDiffCreate.of(command(id))
        .with(draft -> {
          draft.uuid = uuid;
          draft.tabletTypes = List.of("REPLICA");
          draft.limit = 1000;
          draft.columnTruncateAt = 0;
        });
  }

  static EventHeader event(String commandId, long fence) {
    return new EventHeader("customer", "c2c", commandId, 2000, "test", fence);
  }

  static CommandAdmitted admitted(Command command) {
    return new CommandAdmitted(
        event(command.header().commandId(), 0),
        command.getClass().getSimpleName(),
        ServiceName.of(command).text(),
        command.header().issuer(),
        command.header().reason(),
        command.header().dryRun());
  }

  static CommandSucceeded succeeded(String commandId) {
    return new CommandSucceeded(event(commandId, 0), "", "done", List.of(), Map.of(), 1);
  }

  static CommandFailed failed(String commandId) {
    return new CommandFailed(event(commandId, 0), "", "INTERNAL", "broke");
  }

  static CommandRefused refused(String commandId) {
    return new CommandRefused(event(commandId, 0), "", "ann", "why", "NOT_FOUND", "no such table");
  }

  static WorkflowCreated created(String commandId) {
    return new WorkflowCreated(
        event(commandId, 0),
        "MoveTables",
        "commerce",
        List.of("0"),
        List.of("-80", "80-"),
        List.of("corder"),
        List.of("corder"));
  }

  static TrafficSwitched switched(String commandId, List<String> cells, boolean writes) {
    return new TrafficSwitched(
        event(commandId, 0), Direction.FORWARD, List.of("PRIMARY"), cells, cells, writes, 10);
  }

  static StreamReported reported(long id, String state, String message) {
    return new StreamReported("customer", "c2c", 3000, stream("-80", id, state, message));
  }

  static StreamStatus stream(String shard, long id, String state, String message) {
    return StreamStatus.of(shard, "zone1-0000000200", id)
        .with(draft -> {
          draft.source =
              "keyspace:\"commerce\" shard:\"0\" filter:{rules:{match:\"corder\" filter:\"\"}}";
          draft.state = state;
          draft.message = message;
          draft.dbName = "vt_customer";
          draft.workflowType = 1;
          draft.options = "{}";
        });
  }

  static @Nullable WorkflowStatus state(Event... events) {
    WorkflowStatus status = null;
    for (Event event : events) {
      status = Evolver.evolve(status, event);
    }
    return status;
  }

  static @Nullable WorkflowStatus absent() {
    return null;
  }

  static @Nullable WorkflowStatus creating() {
    return state(admitted(create("c1")));
  }

  static @Nullable WorkflowStatus active() {
    return state(admitted(create("c1")), created("c1"), succeeded("c1"));
  }

  static @Nullable WorkflowStatus switchedState() {
    return Evolver.evolve(
        Evolver.evolve(
            Evolver.evolve(active(), admitted(switchTraffic("s1"))),
            switched("s1", List.of("zone1"), true)),
        succeeded("s1"));
  }

  static @Nullable WorkflowStatus completed() {
    return Evolver.evolve(
        Evolver.evolve(
            Evolver.evolve(switchedState(), admitted(complete("c2"))),
            new WorkflowCompleted(event("c2", 0), false)),
        succeeded("c2"));
  }

  static @Nullable WorkflowStatus deleted() {
    return Evolver.evolve(
        Evolver.evolve(
            Evolver.evolve(active(), admitted(delete("d1"))),
            new WorkflowDeleted(event("d1", 0), false)),
        succeeded("d1"));
  }

  static @Nullable WorkflowStatus observed(String message) {
    return Evolver.evolve((WorkflowStatus) null, reported(1, "Running", message));
  }
}

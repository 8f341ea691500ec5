package dev.shunt.local;

import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowUpdate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The commands that the tests send. */
final class Asking {
  static final List<String> ALL_TYPES = List.of("PRIMARY", "REPLICA", "RDONLY");

  private Asking() {}

  static CommandHeader header(WorkflowKey workflow) {
    return header(workflow, null);
  }

  static CommandHeader header(WorkflowKey workflow, @Nullable Long expectedVersion) {
    return header(workflow, expectedVersion, false);
  }

  static CommandHeader dryRun(WorkflowKey workflow) {
    return header(workflow, null, true);
  }

  private static CommandHeader header(
      WorkflowKey workflow, @Nullable Long expectedVersion, boolean dryRun) {
    return new CommandHeader(
        UUID.randomUUID().toString(),
        workflow.keyspace(),
        workflow.workflow(),
        "test",
        "a test",
        expectedVersion,
        dryRun,
        System.currentTimeMillis());
  }

  /** Moves the tables, or all of the source's when none are named. */
  static MoveTablesCreate create(WorkflowKey workflow, String source, String... tables) {
    return create(header(workflow), source, true, tables);
  }

  static MoveTablesCreate create(
      CommandHeader header, String source, boolean autoStart, String... tables) {
    return MoveTablesCreate.of(header, source)
        .with(draft -> {
          draft.allTables = tables.length == 0;
          draft.includeTables = List.of(tables);
          draft.tabletTypes = List.of("PRIMARY");
          draft.autoStart = autoStart;
          draft.deferSecondaryKeys = false;
        });
  }

  static SwitchTraffic switchTraffic(WorkflowKey workflow, Direction direction) {
    return switchTraffic(header(workflow), direction, 30_000, 30_000);
  }

  static SwitchTraffic switchTraffic(
      CommandHeader header, Direction direction, long timeoutMillis, long maxLagMillis) {
    return new SwitchTraffic(
        header, ALL_TYPES, List.of(), direction, timeoutMillis, maxLagMillis, true, false, false);
  }

  static MoveTablesComplete complete(WorkflowKey workflow) {
    return new MoveTablesComplete(header(workflow), false, false, false);
  }

  static WorkflowDelete cancel(WorkflowKey workflow) {
    return new WorkflowDelete(header(workflow), false, false);
  }

  static WorkflowUpdate start(WorkflowKey workflow, DesiredState state) {
    return start(header(workflow), state);
  }

  static WorkflowUpdate start(CommandHeader header, DesiredState state) {
    return new WorkflowUpdate(header, state, null, null, null, null, List.of(), Map.of());
  }

  static VDiffCreate diff(WorkflowKey workflow) {
    return diff(header(workflow));
  }

  static VDiffCreate diff(CommandHeader header) {
    return VDiffCreate.of(header)
        .with(draft -> {
          draft.uuid = UUID.randomUUID().toString();
          draft.tabletTypes = List.of("PRIMARY");
        });
  }
}

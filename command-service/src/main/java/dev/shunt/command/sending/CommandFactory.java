package dev.shunt.command.sending;

import binlogdata.Binlogdata;
import dev.shunt.command.refusing.Refusals;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowUpdate;
import io.grpc.Context;
import io.grpc.Deadline;
import io.vitess.proto.Topodata.TabletType;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;
import vtctldata.Vtctldata;
import vttime.Vttime;

/**
 * Makes commands of Vitess's requests, with the defaults that vtctld fills in. Refuses by
 * INVALID_ARGUMENT what can't be said as a command.
 */
final class CommandFactory {
  /** Timeout and allowed lag when a request names none, milliseconds. */
  static final long DEFAULT_WAIT_MILLIS = 30_000;

  private static final int UNCHANGED = -1;
  private static final Vttime.Duration NO_LIMIT = Vttime.Duration.getDefaultInstance();

  private final InstantSource clock;

  CommandFactory(InstantSource clock) {
    this.clock = clock;
  }

  MoveTablesCreate create(Vtctldata.MoveTablesCreateRequest request, Caller caller) {
    if (!request.getExternalClusterName().isEmpty()) {
      throw Refusals.invalid("moving tables from another cluster is not supported");
    }
    Vtctldata.WorkflowOptions options = request.getWorkflowOptions();
    if (!options.getTenantId().isEmpty() || options.getShardsCount() > 0) {
      throw Refusals.invalid("multi-tenant moves (tenant_id, shards) are not supported");
    }
    if (options.getLookupVindexesCount() > 0) {
      throw Refusals.invalid("creating lookup vindexes along with the move is not supported");
    }
    return new MoveTablesCreate(
        header(caller, request.getTargetKeyspace(), request.getWorkflow(), false, null),
        request.getSourceKeyspace(),
        request.getSourceShardsList(),
        request.getAllTables(),
        request.getIncludeTablesList(),
        request.getExcludeTablesList(),
        trimmed(request.getCellsList()),
        names(request.getTabletTypesList()),
        inOrder(request.getTabletSelectionPreference()),
        request.getOnDdl().isEmpty() ? "IGNORE" : request.getOnDdl().toUpperCase(Locale.ROOT),
        request.getAutoStart(),
        request.getStopAfterCopy(),
        request.getDeferSecondaryKeys(),
        request.getDropForeignKeys(),
        request.getNoRoutingRules(),
        request.getAtomicCopy(),
        request.getSourceTimeZone(),
        options.getShardedAutoIncrementHandling().name(),
        options.getGlobalKeyspace(),
        options.getConfigMap());
  }

  ReshardCreate reshard(Vtctldata.ReshardCreateRequest request, Caller caller) {
    return new ReshardCreate(
        header(caller, request.getKeyspace(), request.getWorkflow(), false, null),
        trimmed(request.getSourceShardsList()),
        trimmed(request.getTargetShardsList()),
        trimmed(request.getCellsList()),
        names(request.getTabletTypesList()),
        inOrder(request.getTabletSelectionPreference()),
        request.getSkipSchemaCopy(),
        request.getOnDdl().isEmpty() ? "IGNORE" : request.getOnDdl().toUpperCase(Locale.ROOT),
        request.getAutoStart(),
        request.getStopAfterCopy(),
        request.getDeferSecondaryKeys(),
        request.getWorkflowOptions().getConfigMap());
  }

  MoveTablesComplete complete(Vtctldata.MoveTablesCompleteRequest request, Caller caller) {
    if (request.getShardsCount() > 0) {
      throw Refusals.invalid("completing a workflow on some shards only is not supported");
    }
    refuseIgnoring(request.getIgnoreSourceKeyspace());
    return new MoveTablesComplete(
        header(
            caller, request.getTargetKeyspace(), request.getWorkflow(), request.getDryRun(), null),
        request.getKeepData(),
        request.getKeepRoutingRules(),
        request.getRenameTables());
  }

  SwitchTraffic switchTraffic(Vtctldata.WorkflowSwitchTrafficRequest request, Caller caller) {
    if (request.getShardsCount() > 0) {
      throw Refusals.invalid("switching traffic on some shards only is not supported");
    }
    long timeout = millis(request.hasTimeout() ? request.getTimeout() : null);
    return new SwitchTraffic(
        header(caller, request.getKeyspace(), request.getWorkflow(), request.getDryRun(), null),
        names(request.getTabletTypesList()),
        trimmed(request.getCellsList()),
        request.getDirection() == 0 ? Direction.FORWARD : Direction.BACKWARD,
        timeout,
        millis(
            request.hasMaxReplicationLagAllowed() ? request.getMaxReplicationLagAllowed() : null),
        request.getEnableReverseReplication(),
        request.getInitializeTargetSequences(),
        request.getForce());
  }

  WorkflowUpdate update(Vtctldata.WorkflowUpdateRequest request, Caller caller) {
    if (!request.hasTabletRequest()) {
      throw Refusals.invalid("tablet_request must be given");
    }
    UpdateVReplicationWorkflowRequest change = request.getTabletRequest();
    if (!change.getMessage().isEmpty() || change.getFilterRulesCount() > 0) {
      throw Refusals.invalid("changing message or filter rules of streams is not supported");
    }
    return new WorkflowUpdate(
        header(caller, request.getKeyspace(), change.getWorkflow(), false, null),
        state(change),
        change.getCellsList().equals(List.of("NULL")) ? null : trimmed(change.getCellsList()),
        change.getTabletTypesValueList().equals(List.of(UNCHANGED))
            ? null
            : names(change.getTabletTypesList()),
        order(change),
        change.hasOnDdl() && change.getOnDdlValue() != UNCHANGED ? change.getOnDdl().name() : null,
        change.getShardsList(),
        change.getConfigOverridesMap());
  }

  WorkflowDelete delete(Vtctldata.WorkflowDeleteRequest request, Caller caller) {
    if (request.getShardsCount() > 0) {
      throw Refusals.invalid("deleting a workflow on some shards only is not supported");
    }
    refuseIgnoring(request.getIgnoreSourceKeyspace());
    return new WorkflowDelete(
        header(caller, request.getKeyspace(), request.getWorkflow(), false, null),
        request.getKeepData(),
        request.getKeepRoutingRules());
  }

  /** The id of the diff serves as the id of the command as well, unless the caller gave one. */
  VDiffCreate diff(Vtctldata.VDiffCreateRequest request, Caller caller) {
    String uuid = uuid(request.getUuid().strip());
    if (request.hasAutoStart() && !request.getAutoStart()) {
      throw Refusals.invalid("creating a VDiff without starting it is not supported");
    }
    if (request.hasMaxDiffDuration() && !request.getMaxDiffDuration().equals(NO_LIMIT)) {
      throw Refusals.invalid("a limit on the duration of a diff is not supported");
    }
    return new VDiffCreate(
        header(caller, request.getTargetKeyspace(), request.getWorkflow(), false, uuid),
        uuid,
        trimmed(request.getTablesList()),
        trimmed(request.getSourceCellsList()),
        trimmed(request.getTargetCellsList()),
        names(request.getTabletTypesList()),
        inOrder(request.getTabletSelectionPreference()),
        request.getLimit() == 0 ? Long.MAX_VALUE : request.getLimit(),
        millis(
            request.hasFilteredReplicationWaitTime()
                ? request.getFilteredReplicationWaitTime()
                : null),
        request.getMaxExtraRowsToCompare(),
        request.getMaxReportSampleRows(),
        request.getOnlyPKs(),
        request.getDebugQuery(),
        request.getRowDiffColumnTruncateAt(),
        request.getAutoRetry(),
        request.getUpdateTableStats());
  }

  private static void refuseIgnoring(boolean sourceKeyspace) {
    if (sourceKeyspace) {
      throw Refusals.invalid("ignoring the source keyspace is not supported");
    }
  }

  private CommandHeader header(
      Caller caller, String keyspace, String workflow, boolean dryRun, @Nullable String id) {
    if (keyspace.isBlank() || workflow.isBlank()) {
      throw Refusals.invalid("keyspace and workflow must be given");
    }
    if (keyspace.indexOf('.') >= 0) {
      throw Refusals.invalid("a keyspace's name has no dot, got " + keyspace);
    }
    String commandId =
        caller.commandId() != null
            ? caller.commandId()
            : id != null ? id : UUID.randomUUID().toString();
    return new CommandHeader(
            commandId,
            keyspace,
            workflow,
            caller.issuer(),
            caller.reason(),
            version(caller.expectedVersion()),
            dryRun,
            clock.millis())
        .withBeginBefore(beginBefore());
  }

  /** Who does not wait any more is not to be surprised later. */
  private long beginBefore() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? 0
        : Math.max(1, clock.millis() + deadline.timeRemaining(TimeUnit.MILLISECONDS));
  }

  private static @Nullable Long version(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw Refusals.invalid("shunt-expected-version must be a number, got " + text);
    }
  }

  private static @Nullable DesiredState state(UpdateVReplicationWorkflowRequest change) {
    if (!change.hasState() || change.getStateValue() == UNCHANGED) {
      return null;
    }
    Binlogdata.VReplicationWorkflowState state = change.getState();
    return switch (state) {
      case Running -> DesiredState.RUNNING;
      case Stopped -> DesiredState.STOPPED;
      default -> throw Refusals.invalid("a workflow is set to Running or Stopped, not " + state);
    };
  }

  private static @Nullable Boolean order(UpdateVReplicationWorkflowRequest change) {
    if (!change.hasTabletSelectionPreference()
        || change.getTabletSelectionPreference() == TabletSelectionPreference.UNKNOWN) {
      return null;
    }
    return inOrder(change.getTabletSelectionPreference());
  }

  private static boolean inOrder(TabletSelectionPreference preference) {
    return preference == TabletSelectionPreference.INORDER;
  }

  private static List<String> names(List<TabletType> types) {
    return types.stream().map(CommandFactory::name).toList();
  }

  private static String name(TabletType type) {
    if (type == TabletType.UNRECOGNIZED || type == TabletType.UNKNOWN) {
      throw Refusals.invalid("unknown tablet type");
    }
    return type.name();
  }

  private static List<String> trimmed(List<String> texts) {
    return texts.stream().map(String::strip).filter(text -> !text.isEmpty()).toList();
  }

  private static long millis(Vttime.@Nullable Duration duration) {
    if (duration == null) {
      return DEFAULT_WAIT_MILLIS;
    }
    return duration.getSeconds() * 1000 + duration.getNanos() / 1_000_000;
  }

  private static String uuid(String text) {
    if (text.isEmpty()) {
      return UUID.randomUUID().toString();
    }
    try {
      return UUID.fromString(text).toString();
    } catch (IllegalArgumentException e) {
      throw Refusals.invalid("invalid UUID provided: " + text);
    }
  }
}

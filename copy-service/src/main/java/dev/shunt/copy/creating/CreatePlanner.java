package dev.shunt.copy.creating;

import binlogdata.Binlogdata;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Tables;
import dev.shunt.saga.Details;
import dev.shunt.saga.Run;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Success;
import dev.shunt.saga.Undos;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.plan.CreateAction;
import dev.shunt.workflow.plan.CreatePlan;
import dev.shunt.workflow.plan.DryRunText;
import dev.shunt.workflow.plan.Plan;
import dev.shunt.workflow.streams.MoveTablesStreams;
import dev.shunt.workflow.streams.StreamPlanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import vschema.Vschema;

/**
 * Plans the creation of a MoveTables workflow. The checks come in Vitess's order and before any
 * change; a run that follows an interrupted one takes from the log which tables that one chose,
 * which it found missing and how they were routed, so that the same tables are moved, count as
 * created and go back to where they were.
 */
public final class CreatePlanner {
  private final Cluster cluster;

  /** Looks at this cluster. */
  public CreatePlanner(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Checks the command and plans its steps. */
  public Saga plan(MoveTablesCreate command, Run run) throws Exception {
    String target = command.header().keyspace();
    String source = command.sourceKeyspace();
    CreationChecks.globalKeyspace(cluster, command.globalKeyspace());
    Vschema.Keyspace targetVschema = cluster.vschema(target);
    Vschema.Keyspace sourceVschema = cluster.vschema(source);
    CreationChecks.autoIncrement(command, targetVschema);
    CreationChecks.cells(cluster, command.cells());
    List<ShardPrimary> sources = cluster.servingPrimaries(source);
    List<ShardPrimary> targets = cluster.servingPrimaries(target);
    CreationChecks.sharding(command.header().keyspace(), targetVschema, targets.size());
    SortedMap<String, String> definitions = Tables.definitions(cluster.client(sources.getFirst()));
    Optional<Set<String>> pinned =
        run.history().started(CreateAction.SELECT_TABLES).map(Details::names);
    TableSelection selection =
        new TableSelection(cluster, sources.getFirst(), source, definitions.keySet());
    if (pinned.isEmpty()) {
      TableSelection.requireWish(command);
    }
    ServerChecks checks = new ServerChecks(cluster);
    checks.sources(
        sources,
        pinned.isPresent() ? pinned.get() : selection.spelled(command.includeTables()),
        pinned.isPresent() ? List.of() : selection.spelled(command.excludeTables()));
    List<String> tables =
        pinned.isPresent() ? selection.again(pinned.get()) : selection.select(command);
    checks.targets(targets, tables);
    TableMigration move = new TableMigration(source, target, tables);
    Conflicts conflicts = new Conflicts(cluster, move, command.header().workflow());
    boolean untouched =
        run.history().started(CreateAction.CREATE_TABLES).isEmpty()
            && run.history().started(CreateAction.CREATE_STREAMS).isEmpty();
    if (untouched) {
      CreationChecks.nameIsFree(cluster, target, command.header().workflow());
      conflicts.refuse();
    }
    List<String> beware = new ArrayList<>();
    new Cascades(cluster, sources.getFirst(), tables)
        .check(command.dropForeignKeys())
        .ifPresent(beware::add);
    beware.addAll(checks.warnings());
    Map<String, List<Binlogdata.BinlogSource>> planned =
        StreamPlanner.forward(
            streams(command, move, sources, targets, sourceVschema, targetVschema));
    TargetTableSetup tableSetup = new TargetTableSetup(cluster);
    Map<String, Set<String>> missing = tableSetup.missing(targets, tables);
    if (untouched) {
      tableSetup.requireEmpty(target, targets, tables, missing);
    }
    new KeyChecks(cluster, sources, targets).refuseUnlike(planned, definitions);
    OriginalRouting before =
        Creation.before(run.history())
            .orElseGet(() -> OriginalRouting.of(cluster, move, targets, targetVschema));
    Creation creation =
        Creation.of(
            cluster,
            command,
            move,
            sources,
            targets,
            definitions,
            Creation.missing(run.history()).orElse(missing),
            before,
            targetVschema.getSharded() && !CreationChecks.handling(command).equals("LEAVE"),
            planned,
            sourceVschema);
    Plan<CreateAction> plan = plan(creation);
    if (command.header().dryRun()) {
      return Saga.answer(dryRun(command.header(), plan, run).beware(beware));
    }
    return Saga.of(plan, creation::effect, false, r -> finish(creation, beware, r));
  }

  private static Plan<CreateAction> plan(Creation creation) {
    MoveTablesCreate command = creation.command();
    return CreatePlan.of(
        new CreatePlan.Request(
            creation.move(),
            command.header().workflow(),
            creation.missing(),
            !command.noRoutingRules(),
            command.autoStart(),
            creation.targets().stream().map(ShardPrimary::planned).toList()));
  }

  /** What a dry run of a creation answers. */
  static Success dryRun(CommandHeader header, Plan<CreateAction> plan, Run run) {
    return new Success(
        DryRunText.dryRunSummary(
            "Create", header.keyspace(), header.workflow(), run.clock().instant()),
        plan.dryRunLines(),
        Map.of());
  }

  /** What earlier runs may have begun, made of what these recorded. */
  public Undos takingBack(MoveTablesCreate command, Run run) {
    Optional<String> selected = run.history().started(CreateAction.SELECT_TABLES);
    if (selected.isEmpty()) {
      return Undos.NONE;
    }
    TableMigration move =
        new TableMigration(
            command.sourceKeyspace(),
            command.header().keyspace(),
            List.copyOf(Details.names(selected.get())));
    Creation creation =
        Creation.of(
            cluster,
            command,
            move,
            List.of(),
            cluster.servingPrimaries(move.target()),
            new TreeMap<>(),
            Creation.missing(run.history()).orElse(Map.of()),
            Creation.before(run.history()).orElse(OriginalRouting.NOTHING),
            false,
            Map.of(),
            Vschema.Keyspace.getDefaultInstance());
    return Undos.of(CreatePlan.UNDOS, creation.effects());
  }

  private static MoveTablesStreams streams(
      MoveTablesCreate command,
      TableMigration move,
      List<ShardPrimary> sources,
      List<ShardPrimary> targets,
      Vschema.Keyspace sourceVschema,
      Vschema.Keyspace targetVschema) {
    return new MoveTablesStreams(
        move,
        sources.stream().map(ShardPrimary::shard).toList(),
        targets.stream().map(ShardPrimary::shard).toList(),
        sourceVschema,
        targetVschema,
        command.onDdl(),
        command.stopAfterCopy(),
        command.sourceTimeZone());
  }

  private static Success finish(Creation creation, List<String> beware, Run run) {
    TableMigration move = creation.move();
    run.emit(
        new WorkflowCreated(
            run.header(),
            "MoveTables",
            move.source(),
            creation.sources().stream().map(ShardPrimary::shard).toList(),
            creation.targets().stream().map(ShardPrimary::shard).toList(),
            move.tables(),
            List.copyOf(creation.createdEverywhere())));
    return Success.of(
            "Created workflow %s.%s, which moves %d table(s) from %s"
                .formatted(
                    move.target(),
                    creation.command().header().workflow(),
                    move.tables().size(),
                    move.source()))
        .beware(beware);
  }
}

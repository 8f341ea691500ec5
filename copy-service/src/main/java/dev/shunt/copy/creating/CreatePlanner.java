package dev.shunt.copy.creating;

import binlogdata.Binlogdata;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.Tables;
import dev.shunt.saga.Details;
import dev.shunt.saga.Run;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Step;
import dev.shunt.saga.Success;
import dev.shunt.saga.Undos;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.streams.MoveTablesStreams;
import dev.shunt.workflow.streams.StreamPlanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import vschema.Vschema;

/**
 * Plans the creation of a MoveTables workflow. The checks come in Vitess's order and before any
 * change; a run that follows an interrupted one takes from the log which tables that one chose,
 * which it found missing and how they were routed, so that the same tables are moved, count as
 * created and go back to where they were.
 */
public final class CreatePlanner {
  static final String SELECT = "select tables";
  static final String CREATE_STREAMS = "create streams";
  static final String DENY_TARGET = "deny on target";
  static final String CREATE_TABLES = "create tables";
  static final String ROUTE = "route to source";
  static final String START = "start streams";

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
    Optional<Set<String>> pinned = run.history().started(SELECT).map(Details::names);
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
        run.history().started(CREATE_TABLES).isEmpty()
            && run.history().started(CREATE_STREAMS).isEmpty();
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
    TargetTables targetTables = new TargetTables(cluster);
    Map<String, Set<String>> missing = targetTables.missing(targets, tables);
    if (untouched) {
      targetTables.requireEmpty(target, targets, tables, missing);
    }
    new KeyChecks(cluster, sources, targets).refuseUnlike(planned, definitions);
    OriginalRouting before =
        before(run).orElseGet(() -> OriginalRouting.of(cluster, move, targets, targetVschema));
    return saga(
        command,
        sources,
        beware,
        new Parts(
            move,
            targets,
            conflicts,
            targetTables,
            definitions,
            run.history().started(CREATE_TABLES).map(Details::setsByName).orElse(missing),
            new TargetStreams(cluster, command, targets, planned),
            before,
            new TargetDenial(cluster, move, targets, before, conflicts),
            new InitialRouting(
                cluster, move, targets, sourceVschema, before, !command.noRoutingRules()),
            targetVschema.getSharded() && !CreationChecks.handling(command).equals("LEAVE")));
  }

  /**
   * The steps that earlier runs may have begun, made of what these told, to be taken back from the
   * last one on: streams before the tables that they write, these before the denial is lifted.
   */
  public List<Step> takingBack(MoveTablesCreate command, Run run) {
    Optional<String> selected = run.history().started(SELECT);
    if (selected.isEmpty()) {
      return List.of();
    }
    TableMigration move =
        new TableMigration(
            command.sourceKeyspace(),
            command.header().keyspace(),
            List.copyOf(Details.names(selected.get())));
    List<ShardPrimary> targets = cluster.servingPrimaries(move.target());
    OriginalRouting before = before(run).orElse(OriginalRouting.NOTHING);
    Conflicts conflicts = new Conflicts(cluster, move, command.header().workflow());
    Parts parts =
        new Parts(
            move,
            targets,
            conflicts,
            new TargetTables(cluster),
            new TreeMap<>(),
            run.history().started(CREATE_TABLES).map(Details::setsByName).orElse(Map.of()),
            new TargetStreams(cluster, command, targets, Map.of()),
            before,
            new TargetDenial(cluster, move, targets, before, conflicts),
            new InitialRouting(
                cluster,
                move,
                targets,
                Vschema.Keyspace.getDefaultInstance(),
                before,
                !command.noRoutingRules()),
            false);
    return List.of(
        denyTarget(parts),
        createTables(command, parts),
        createStreams(command, parts),
        route(parts));
  }

  /** What the topology said before the first run, as that one told. */
  private static Optional<OriginalRouting> before(Run run) {
    return run.history()
        .started(DENY_TARGET)
        .or(() -> run.history().started(ROUTE))
        .map(OriginalRouting::of);
  }

  private record Parts(
      TableMigration move,
      List<ShardPrimary> targets,
      Conflicts conflicts,
      TargetTables tables,
      SortedMap<String, String> definitions,
      Map<String, Set<String>> missing,
      TargetStreams streams,
      OriginalRouting before,
      TargetDenial denial,
      InitialRouting routing,
      boolean removeAutoIncrement) {}

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

  private static Saga saga(
      MoveTablesCreate command, List<ShardPrimary> sources, List<String> beware, Parts parts) {
    List<Step> steps = new ArrayList<>();
    steps.add(Step.of(SELECT, Details.text(parts.move().tables()), run -> ""));
    // The streams first, stopped: they are the claim by which others see that the tables are taken.
    Step streams = createStreams(command, parts);
    Step deny = denyTarget(parts);
    Step tables = createTables(command, parts);
    Step route = route(parts);
    steps.add(streams);
    steps.add(Step.of("check other workflows", "", run -> parts.conflicts().stillNone()));
    steps.add(deny);
    if (!parts.missing().isEmpty()) {
      steps.add(tables);
    }
    steps.add(route);
    steps.add(Step.of("check journals", "", run -> parts.streams().requireNoJournal(sources)));
    if (command.autoStart()) {
      steps.add(Step.of(START, command.header().workflow(), parts.streams()::start));
    }
    return new Saga(
        steps,
        Undos.reversed(List.of(deny, tables, streams, route)),
        false,
        run -> finish(command, sources, beware, parts, run));
  }

  /** Behind it the target takes no row of the tables, and has none. */
  private static Step denyTarget(Parts parts) {
    return Step.of(
            DENY_TARGET,
            parts.before().text(),
            run -> {
              String done = parts.denial().deny(run);
              if (run.history().started(START).isEmpty()) {
                parts.denial().drain(parts.missing());
                parts
                    .tables()
                    .requireEmpty(
                        parts.move().target(),
                        parts.targets(),
                        parts.move().tables(),
                        parts.missing());
              }
              return done;
            })
        .undoneBy(parts.denial()::lift);
  }

  private static Step createTables(MoveTablesCreate command, Parts parts) {
    List<ShardPrimary> lacking =
        parts.targets().stream()
            .filter(shard -> parts.missing().containsKey(shard.shard()))
            .toList();
    return Step.of(
            CREATE_TABLES,
            Details.text(parts.missing()),
            run -> {
              Parallel.each(
                  lacking,
                  shard ->
                      parts
                          .tables()
                          .create(
                              run,
                              shard,
                              parts.missing().getOrDefault(shard.shard(), Set.of()),
                              parts.definitions(),
                              parts.removeAutoIncrement(),
                              command.dropForeignKeys()));
              return "";
            })
        .undoneBy(run -> dropTables(run, lacking, parts));
  }

  /** What another workflow writes by now stays. */
  private static void dropTables(Run run, List<ShardPrimary> lacking, Parts parts)
      throws Exception {
    Set<String> claimed = parts.conflicts().claimed();
    Parallel.each(
        lacking,
        shard -> {
          Set<String> ours = new TreeSet<>(parts.missing().getOrDefault(shard.shard(), Set.of()));
          ours.removeAll(claimed);
          parts.tables().drop(run, shard, ours);
        });
  }

  private static Step createStreams(MoveTablesCreate command, Parts parts) {
    return Step.of(CREATE_STREAMS, command.header().workflow(), parts.streams()::create)
        .undoneBy(parts.streams()::delete);
  }

  private static Step route(Parts parts) {
    return Step.of(ROUTE, parts.before().text(), parts.routing()::write)
        .undoneBy(parts.routing()::takeBack);
  }

  private static Success finish(
      MoveTablesCreate command,
      List<ShardPrimary> sources,
      List<String> beware,
      Parts parts,
      Run run) {
    TableMigration move = parts.move();
    Set<String> created = new TreeSet<>(move.tables());
    parts
        .targets()
        .forEach(shard -> created.retainAll(parts.missing().getOrDefault(shard.shard(), Set.of())));
    run.emit(
        new WorkflowCreated(
            run.header(),
            "MoveTables",
            move.source(),
            sources.stream().map(ShardPrimary::shard).toList(),
            parts.targets().stream().map(ShardPrimary::shard).toList(),
            move.tables(),
            List.copyOf(created)));
    return Success.of(
            "Created workflow %s.%s, which moves %d table(s) from %s"
                .formatted(
                    move.target(),
                    command.header().workflow(),
                    move.tables().size(),
                    move.source()))
        .beware(beware);
  }
}

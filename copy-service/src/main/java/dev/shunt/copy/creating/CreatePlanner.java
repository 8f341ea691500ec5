package dev.shunt.copy.creating;

import binlogdata.Binlogdata;
import dev.shunt.saga.Details;
import dev.shunt.saga.Parallel;
import dev.shunt.saga.Run;
import dev.shunt.saga.Saga;
import dev.shunt.saga.Step;
import dev.shunt.saga.Success;
import dev.shunt.saga.world.Cluster;
import dev.shunt.saga.world.ShardPrimary;
import dev.shunt.saga.world.Tables;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.workflow.routing.Move;
import dev.shunt.workflow.streams.MoveTablesStreams;
import dev.shunt.workflow.streams.StreamPlanner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import vschema.Vschema;

/**
 * Plans the creation of a MoveTables workflow. The checks come in Vitess's order and before any
 * change; a run that follows an interrupted one takes from the log what that one found missing, so
 * that the same tables count as created.
 */
public final class CreatePlanner {
  static final String CREATE_TABLES = "create tables";
  static final String CREATE_STREAMS = "create streams";
  static final String ROUTE = "route to source";

  private final Cluster cluster;

  /** Looks at this cluster. */
  public CreatePlanner(Cluster cluster) {
    this.cluster = cluster;
  }

  /** Checks the command and plans its steps. */
  public Saga plan(MoveTablesCreate command, Run run) throws Exception {
    String target = command.header().keyspace();
    String source = command.sourceKeyspace();
    CreationChecks.fields(command);
    CreationChecks.globalKeyspace(cluster, command.globalKeyspace());
    Vschema.Keyspace targetVschema = cluster.vschema(target);
    Vschema.Keyspace sourceVschema = cluster.vschema(source);
    CreationChecks.autoIncrement(command, targetVschema);
    CreationChecks.cells(cluster, command.cells());
    List<ShardPrimary> sources = cluster.servingPrimaries(source);
    List<ShardPrimary> targets = cluster.servingPrimaries(target);
    SortedMap<String, String> definitions = Tables.definitions(cluster.client(sources.getFirst()));
    List<String> tables = TableSelection.select(command, definitions.keySet());
    Move move = new Move(source, target, tables);
    boolean first = !run.history().begun();
    if (first) {
      CreationChecks.nameIsFree(cluster, target, command.header().workflow());
    }
    Map<String, List<Binlogdata.BinlogSource>> planned =
        StreamPlanner.forward(
            streams(command, move, sources, targets, sourceVschema, targetVschema));
    CreationChecks.timeZone(cluster, targets, command.sourceTimeZone());
    TargetTables targetTables = new TargetTables(cluster);
    Map<String, Set<String>> missing = targetTables.missing(targets, tables);
    if (first) {
      targetTables.requireEmpty(target, targets, tables, missing);
    } else {
      missing = run.history().started(CREATE_TABLES).map(Details::setsByName).orElse(missing);
    }
    Collection<String> added =
        run.history()
            .started(ROUTE)
            .map(Details::names)
            .orElseGet(() -> unknownTo(targetVschema, tables));
    return saga(
        command,
        sources,
        targets,
        move,
        new Parts(
            targetTables,
            definitions,
            missing,
            new TargetStreams(cluster, command, targets, planned),
            new InitialRouting(
                cluster, move, targets, sourceVschema, added, !command.noRoutingRules()),
            added,
            targetVschema.getSharded() && !CreationChecks.handling(command).equals("LEAVE")));
  }

  private record Parts(
      TargetTables tables,
      Map<String, String> definitions,
      Map<String, Set<String>> missing,
      TargetStreams streams,
      InitialRouting routing,
      Collection<String> added,
      boolean removeAutoIncrement) {}

  private static MoveTablesStreams streams(
      MoveTablesCreate command,
      Move move,
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

  private static Set<String> unknownTo(Vschema.Keyspace vschema, List<String> tables) {
    return vschema.getSharded()
        ? Set.of()
        : tables.stream()
            .filter(table -> !vschema.containsTables(table))
            .collect(Collectors.toSet());
  }

  private Saga saga(
      MoveTablesCreate command,
      List<ShardPrimary> sources,
      List<ShardPrimary> targets,
      Move move,
      Parts parts) {
    List<Step> steps = new ArrayList<>();
    if (!parts.missing().isEmpty()) {
      steps.add(createTables(command, targets, parts));
    }
    steps.add(
        Step.of(CREATE_STREAMS, command.header().workflow(), parts.streams()::create)
            .undoneBy(parts.streams()::delete));
    steps.add(
        Step.of(ROUTE, Details.text(parts.added()), parts.routing()::write)
            .undoneBy(parts.routing()::takeBack));
    steps.add(Step.of("check journals", "", run -> parts.streams().requireNoJournal(sources)));
    if (command.autoStart()) {
      steps.add(Step.of("start streams", command.header().workflow(), parts.streams()::start));
    }
    return Saga.of(steps, run -> finish(command, sources, targets, move, parts.missing(), run));
  }

  private static Step createTables(
      MoveTablesCreate command, List<ShardPrimary> targets, Parts parts) {
    List<ShardPrimary> lacking =
        targets.stream().filter(shard -> parts.missing().containsKey(shard.shard())).toList();
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
        .undoneBy(run ->
            Parallel.each(
                lacking,
                shard ->
                    parts
                        .tables()
                        .drop(run, shard, parts.missing().getOrDefault(shard.shard(), Set.of()))));
  }

  private static Success finish(
      MoveTablesCreate command,
      List<ShardPrimary> sources,
      List<ShardPrimary> targets,
      Move move,
      Map<String, Set<String>> missing,
      Run run) {
    Set<String> created = new TreeSet<>(move.tables());
    targets.forEach(shard -> created.retainAll(missing.getOrDefault(shard.shard(), Set.of())));
    run.emit(
        new WorkflowCreated(
            run.header(),
            "MoveTables",
            move.source(),
            sources.stream().map(ShardPrimary::shard).toList(),
            targets.stream().map(ShardPrimary::shard).toList(),
            move.tables(),
            List.copyOf(created)));
    return Success.of(
        "Created workflow %s.%s, which moves %d table(s) from %s"
            .formatted(
                move.target(), command.header().workflow(), move.tables().size(), move.source()));
  }
}

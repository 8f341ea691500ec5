package dev.shunt.copy.creating;

import binlogdata.Binlogdata;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.saga.Details;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunHistory;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.plan.CreateAction;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Function;
import vschema.Vschema;

/**
 * What each step of a creation does.
 *
 * @param command the command
 * @param move what is moved
 * @param sources primaries of the source shards; taking back needs none
 * @param targets primaries of the target shards
 * @param definitions CREATE TABLE of the source's tables by name; taking back needs none
 * @param missing tables that target shards did not have before, by shard
 * @param before what the topology said of the tables before
 * @param removeAutoIncrement whether the target's tables have no AUTO_INCREMENT
 * @param conflicts what others have of it
 * @param tables tables of the target
 * @param streams streams of the workflow
 * @param denial keeps the target from serving
 * @param routing sends traffic to the source
 */
record Creation(
    MoveTablesCreate command,
    TableMigration move,
    List<ShardPrimary> sources,
    List<ShardPrimary> targets,
    SortedMap<String, String> definitions,
    Map<String, Set<String>> missing,
    OriginalRouting before,
    boolean removeAutoIncrement,
    Conflicts conflicts,
    TargetTableSetup tables,
    TargetStreams streams,
    TargetDenial denial,
    InitialRouting routing) {

  /**
   * A creation, with what acts for it.
   *
   * @param planned streams by target shard; taking back needs none
   * @param sourceVschema what an unsharded target takes over from it; taking back needs none
   */
  static Creation of(
      Cluster cluster,
      MoveTablesCreate command,
      TableMigration move,
      List<ShardPrimary> sources,
      List<ShardPrimary> targets,
      SortedMap<String, String> definitions,
      Map<String, Set<String>> missing,
      OriginalRouting before,
      boolean removeAutoIncrement,
      Map<String, List<Binlogdata.BinlogSource>> planned,
      Vschema.Keyspace sourceVschema) {
    Conflicts conflicts = new Conflicts(cluster, move, command.header().workflow());
    return new Creation(
        command,
        move,
        sources,
        targets,
        definitions,
        missing,
        before,
        removeAutoIncrement,
        conflicts,
        new TargetTableSetup(cluster),
        new TargetStreams(cluster, TargetStreams.Settings.of(command), targets, planned),
        new TargetDenial(cluster, move, targets, before, conflicts),
        new InitialRouting(
            cluster, move, targets, sourceVschema, before, !command.noRoutingRules()));
  }

  /** What the topology said before the first run, as that run recorded it. */
  static Optional<OriginalRouting> before(RunHistory history) {
    return history
        .started(CreateAction.DENY_ON_TARGET)
        .or(() -> history.started(CreateAction.ROUTE_TO_SOURCE))
        .map(OriginalRouting::of);
  }

  /** What was missing before the first run, as that run recorded it. */
  static Optional<Map<String, Set<String>>> missing(RunHistory history) {
    return history.started(CreateAction.CREATE_TABLES).map(Details::setsByName);
  }

  /** Of one step. */
  Effect effect(CreateAction action) {
    return switch (action) {
      case SELECT_TABLES -> Effect.note(Details.text(move.tables()));
      case CREATE_STREAMS ->
          Effect.of(command.header().workflow(), streams::create).undoneBy(streams::delete);
      case CHECK_OTHER_WORKFLOWS -> Effect.of(run -> conflicts.stillNone());
      case DENY_ON_TARGET -> Effect.of(before.text(), this::denyTarget).undoneBy(denial::lift);
      case CREATE_TABLES ->
          Effect.of(Details.text(missing), this::createTables).undoneBy(this::dropTables);
      case ROUTE_TO_SOURCE -> Effect.of(before.text(), routing::write).undoneBy(routing::takeBack);
      case CHECK_JOURNALS -> Effect.of(run -> streams.requireNoJournal(sources));
      case START_STREAMS -> Effect.of(command.header().workflow(), streams::start);
    };
  }

  /** Of all steps. */
  Map<CreateAction, Effect> effects() {
    return effects(this::effect);
  }

  /** Of all steps of a creation, by what does each. */
  static Map<CreateAction, Effect> effects(Function<CreateAction, Effect> effect) {
    Map<CreateAction, Effect> effects = new EnumMap<>(CreateAction.class);
    for (CreateAction action : CreateAction.values()) {
      effects.put(action, effect.apply(action));
    }
    return effects;
  }

  /** Tables that no target shard had before. */
  Set<String> createdEverywhere() {
    Set<String> created = new TreeSet<>(move.tables());
    targets.forEach(shard -> created.retainAll(missing.getOrDefault(shard.shard(), Set.of())));
    return created;
  }

  /** Behind it the target takes no row of the tables, and has none. */
  private String denyTarget(Run run) throws Exception {
    String done = denial.deny(run);
    if (run.history().started(CreateAction.START_STREAMS).isEmpty()) {
      denial.drain(missing);
      tables.requireEmpty(move.target(), targets, move.tables(), missing);
    }
    return done;
  }

  private String createTables(Run run) throws Exception {
    tables.create(
        run, targets, missing, definitions, removeAutoIncrement, command.dropForeignKeys());
    return "";
  }

  /** What another workflow writes by now stays. */
  private void dropTables(Run run) throws Exception {
    tables.drop(run, targets, missing, conflicts.claimed());
  }
}

package dev.shunt.copy.creating;

import dev.shunt.cluster.ShardPrimary;
import dev.shunt.saga.Details;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.workflow.plan.CreateAction;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * What each step of the creation of a Reshard does.
 *
 * @param command the command
 * @param sources primaries of the source shards; taking back needs none
 * @param targets primaries of the target shards
 * @param definitions CREATE TABLE of the source's tables by name; taking back needs none
 * @param missing tables that target shards did not have before, by shard
 * @param tables makes tables of the target
 * @param streams streams of the workflow
 */
record ReshardCreation(
    ReshardCreate command,
    List<ShardPrimary> sources,
    List<ShardPrimary> targets,
    SortedMap<String, String> definitions,
    Map<String, Set<String>> missing,
    TargetTableSetup tables,
    TargetStreams streams) {

  /** Of one step; a Reshard selects, denies and routes nothing. */
  Effect effect(CreateAction action) {
    return switch (action) {
      case CREATE_STREAMS ->
          Effect.of(command.header().workflow(), streams::create).undoneBy(streams::delete);
      case CREATE_TABLES ->
          Effect.of(Details.text(missing), this::createTables).undoneBy(this::dropTables);
      case CHECK_JOURNALS -> Effect.of(run -> streams.requireNoJournal(sources));
      case START_STREAMS -> Effect.of(command.header().workflow(), streams::start);
      case SELECT_TABLES, CHECK_OTHER_WORKFLOWS, DENY_ON_TARGET, ROUTE_TO_SOURCE ->
          Effect.nothing("no part of a Reshard");
    };
  }

  /** Of all steps. */
  Map<CreateAction, Effect> effects() {
    return Creation.effects(this::effect);
  }

  private String createTables(Run run) throws Exception {
    tables.create(run, targets, missing, definitions, false, false);
    return "";
  }

  private void dropTables(Run run) throws Exception {
    tables.drop(run, targets, missing, Set.of());
  }
}

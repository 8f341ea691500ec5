package dev.shunt.copy.creating;

import dev.shunt.cluster.Claims;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.saga.Details;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.plan.CreateAction;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * What each step of the creation of a Reshard does.
 *
 * @param command the command
 * @param sources primaries of the source shards; taking back needs none
 * @param targets primaries of the target shards
 * @param definitions CREATE TABLE of the source's tables by name; taking back needs none
 * @param missing tables that target shards did not have before, by shard
 * @param tables makes tables of the target
 * @param claims who else has the shards
 * @param streams streams of the workflow
 */
record ReshardCreation(
    ReshardCreate command,
    List<ShardPrimary> sources,
    List<ShardPrimary> targets,
    SortedMap<String, String> definitions,
    Map<String, Set<String>> missing,
    TargetTableSetup tables,
    Claims claims,
    TargetStreams streams) {

  /** Targets have no streams at all, and those of the sources can go on with the targets. */
  static void requireAlone(Claims claims) throws Exception {
    SortedMap<String, Set<String>> found = claims.streams();
    if (!found.isEmpty()) {
      throw Refusal.failedPrecondition(
              "other workflows have streams on these shards that can't go on with the new ones:"
                  + " %s; complete or cancel them first",
              Claims.text(found))
          .exception();
    }
  }

  /** Of one step; a Reshard selects, denies and routes nothing. */
  Effect effect(CreateAction action) {
    return switch (action) {
      case CREATE_STREAMS ->
          Effect.of(command.header().workflow(), streams::create).undoneBy(streams::delete);
      case CREATE_TABLES ->
          Effect.of(Details.text(missing), this::createTables).undoneBy(this::dropTables);
      case CHECK_JOURNALS -> Effect.of(run -> streams.requireNoJournal(sources));
      case START_STREAMS -> Effect.of(command.header().workflow(), streams::start);
      // Once more, now that the streams stand: of two that are made at once one sees the other.
      case CHECK_OTHER_WORKFLOWS ->
          Effect.of(run -> {
            requireAlone(claims);
            return "none";
          });
      case SELECT_TABLES, DENY_ON_TARGET, ROUTE_TO_SOURCE -> Effect.nothing("no part of a Reshard");
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
    Set<String> kept = new TreeSet<>();
    if (!claims.writers().isEmpty()) { // another Reshard fills them by now
      missing.values().forEach(kept::addAll);
    }
    tables.drop(run, targets, missing, kept);
  }
}

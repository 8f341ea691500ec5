package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.saga.Details;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunHistory;
import dev.shunt.workflow.plan.SwitchAction;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Streams of other workflows that a switch brings along from the shards of its source to those of
 * its target. As the detail of the steps that do so it tells a later run all that it needs to take
 * them back.
 *
 * @param keyspace keyspace of all these shards
 * @param sourceShards shards that the streams write
 * @param targetShards shards that they are to write
 * @param workflows their workflows
 */
record MigratedStreams(
    String keyspace, List<String> sourceShards, List<String> targetShards, List<String> workflows) {
  MigratedStreams {
    sourceShards = List.copyOf(sourceShards);
    targetShards = List.copyOf(targetShards);
    workflows = List.copyOf(workflows);
  }

  /** Those that any of the earlier runs began to stop; empty when none did. */
  static Optional<MigratedStreams> begun(RunHistory history) {
    return history.starts(SwitchAction.STOP_MIGRATED_STREAMS).stream()
        .map(detail -> Details.values(detail, MigratedStreams.class))
        .reduce(MigratedStreams::with);
  }

  private MigratedStreams with(MigratedStreams more) {
    Set<String> all = new TreeSet<>(workflows);
    all.addAll(more.workflows());
    return new MigratedStreams(keyspace, sourceShards, targetShards, List.copyOf(all));
  }

  /** As the detail of a step. */
  String text() {
    return Details.text(this);
  }

  /** How each step is taken back. */
  Map<SwitchAction, Effect> effects(Cluster cluster) {
    Map<SwitchAction, Effect> effects = new EnumMap<>(SwitchAction.class);
    effects.put(
        SwitchAction.STOP_MIGRATED_STREAMS, Effect.begun(text(), run -> resume(cluster, run)));
    effects.put(
        SwitchAction.CREATE_MIGRATED_STREAMS,
        Effect.begun(text(), run -> removeDrafts(cluster, run)));
    return effects;
  }

  /** The streams go on into the source shards, as far as the switch had stopped them. */
  void resume(Cluster cluster, Run run) throws Exception {
    each(cluster, run, sourceShards, streams -> streams.startAfterMigration(1));
  }

  /** What was written for the target shards goes. */
  void removeDrafts(Cluster cluster, Run run) throws Exception {
    each(cluster, run, targetShards, StreamControl::deleteDrafts);
  }

  private void each(Cluster cluster, Run run, List<String> shards, Consumer<StreamControl> change)
      throws Exception {
    Parallel.each(
        shards,
        shard -> {
          ShardPrimary primary = cluster.primary(keyspace, shard);
          workflows.forEach(name -> change.accept(cluster.streams(primary, name, run.fence())));
        });
  }
}

package dev.shunt.switcher;

import binlogdata.Binlogdata.Journal;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.Undos;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.plan.SwitchAction;
import dev.shunt.workflow.plan.SwitchPlan;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Takes a pause back that is not decided, part by part, whoever does so. Allowing writes again and
 * finding out whether it is decided need the topology and the sources, nobody else. Each part names
 * the tablets it is about by their shards: who is their primary is looked up when it is taken back.
 */
final class WayBack {
  private final Cluster cluster;
  private final Pause pause;
  private final Duration limit;
  private final Function<Run, Collection<TopoLock>> guards;
  private final Whose whose;

  /** Whose pause is taken back. */
  private enum Whose {
    /** This run's, which has not begun to write its journals. */
    OWN_UNDECIDED,
    /** This run's, or one whose runs can't change anything any more. */
    OWN,
    /** An earlier run's, which may only sleep. */
    EARLIER
  }

  private WayBack(
      Cluster cluster,
      Pause pause,
      Duration limit,
      Function<Run, Collection<TopoLock>> guards,
      Whose whose) {
    this.cluster = cluster;
    this.pause = pause;
    this.limit = limit;
    this.guards = guards;
    this.whose = whose;
  }

  /**
   * Of the pause of the run that takes it back, or of one that it has fenced off.
   *
   * @param limit how long a source may take to learn that it may serve again
   * @param guards locks that guard writes to the topology
   * @param undecided whether this run has begun the pause and not begun to write its journals:
   *     nobody need be asked for them, so that a source that is away keeps no other closed
   */
  static WayBack ofOwn(
      Cluster cluster,
      Pause pause,
      Duration limit,
      Function<Run, Collection<TopoLock>> guards,
      boolean undecided) {
    return new WayBack(cluster, pause, limit, guards, undecided ? Whose.OWN_UNDECIDED : Whose.OWN);
  }

  /** Of the pause of an earlier run, by what that one recorded: it is fenced off first. */
  static WayBack ofEarlierRun(Cluster cluster, Pause pause, Duration limit) {
    return new WayBack(cluster, pause, limit, run -> List.of(run.lock()), Whose.EARLIER);
  }

  /** How each part is taken back; in which order is in the plan. */
  Map<SwitchAction, Effect> effects() {
    return Map.of(
        SwitchAction.DENY_SOURCE_WRITES, Effect.begun("", this::allowSource),
        SwitchAction.WRITE_JOURNALS, Effect.begun("", this::removeDrafts),
        SwitchAction.STOP_STREAMS, Effect.begun("", this::resumeStreams));
  }

  /** All parts, in the order of the plan. */
  Undos undos() {
    return Undos.of(SwitchPlan.UNDOS, effects());
  }

  /** All parts, and what became of streams of other workflows. */
  Undos undos(MigratedStreams migrated) {
    Map<SwitchAction, Effect> all = new EnumMap<>(effects());
    all.putAll(migrated.effects(cluster));
    return Undos.of(SwitchPlan.UNDOS, all);
  }

  private List<ShardPrimary> sources() {
    return pause.sourceShards().stream()
        .map(shard -> cluster.primary(pause.source(), shard))
        .toList();
  }

  /** Whoever ran before may only sleep: from here on the sources refuse what it sends. */
  private void raiseFencesOfSources(Run run) throws Exception {
    Parallel.each(
        sources(),
        source -> {
          cluster.control(source).withFence(run.fence()).showFence();
        });
  }

  /** Journals that stand, by source shard; with one of them it is decided. */
  Map<String, Journal> journals() throws Exception {
    return journals(cluster, pause.migrationId(), sources());
  }

  /** Journals of a migration that stand, by source shard. */
  static Map<String, Journal> journals(Cluster cluster, long id, List<ShardPrimary> sources)
      throws Exception {
    List<Optional<Journal>> found =
        Parallel.map(sources, source -> cluster.control(source).journal(id));
    Map<String, Journal> journals = new HashMap<>();
    for (int i = 0; i < found.size(); i++) {
      String shard = sources.get(i).shard();
      found.get(i).ifPresent(journal -> journals.put(shard, journal));
    }
    return journals;
  }

  /**
   * Opens the source again: topology, then its primaries.
   *
   * @throws RunAgainException when a journal stands, whatever the caller took for sure: then the
   *     switch is decided and has to be finished
   */
  void allowSource(Run run) throws Exception {
    if (whose == Whose.EARLIER) {
      raiseFencesOfSources(run);
    }
    if (whose != Whose.OWN_UNDECIDED && !journals().isEmpty()) {
      throw new RunAgainException(
          "the journal of migration %d stands: the switch is decided"
              .formatted(pause.migrationId()));
    }
    cluster
        .traffic(pause.migration())
        .allow(guards.apply(run), pause.source(), pause.sourceShards());
    Parallel.each(sources(), source -> cluster.control(source).within(limit).refreshState());
  }

  /** Removes reverse streams that were written ahead of a journal; what else has the name stays. */
  void removeDrafts(Run run) throws Exception {
    Parallel.each(
        pause.sourceShards(),
        shard -> {
          ShardPrimary source = cluster.primary(pause.source(), shard);
          cluster.streams(source, pause.reverseName(), run.fence()).deleteDrafts();
        });
  }

  /** Starts the streams that the switch had stopped. */
  void resumeStreams(Run run) throws Exception {
    Parallel.each(
        pause.targetShards(),
        shard -> {
          ShardPrimary target = cluster.primary(pause.target(), shard);
          cluster.streams(target, pause.workflow(), run.fence()).startAfterCutover();
        });
  }
}

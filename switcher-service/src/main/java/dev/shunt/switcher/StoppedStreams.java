package dev.shunt.switcher;

import dev.shunt.saga.Details;
import dev.shunt.saga.Parallel;
import dev.shunt.saga.Run;
import dev.shunt.saga.Step;
import dev.shunt.saga.world.Cluster;
import dev.shunt.saga.world.ShardPrimary;
import dev.shunt.saga.world.StreamView;
import dev.shunt.saga.world.Streams;
import dev.shunt.saga.world.WorkflowView;
import dev.shunt.tabletclient.TabletClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Streams that somebody had stopped before the switch. They have caught up, or it would not have
 * begun; they are started for it, and stopped again when it is taken back.
 */
final class StoppedStreams {
  /** Name of the step. */
  static final String STEP = "start-stopped-streams";

  /** A diff that died may have left a position at which they would stop again. */
  private static final String START = StreamSql.START + ", stop_pos=''";

  private final Cluster cluster;
  private final WorkflowView view;

  StoppedStreams(Cluster cluster, WorkflowView view) {
    this.cluster = cluster;
    this.view = view;
  }

  /** The step that starts them, if there are any, or were when an earlier run began. */
  Optional<Step> step(Run run) {
    Map<String, Set<String>> ids =
        run.history().started(STEP).map(Details::setsByName).orElseGet(this::stopped);
    return ids.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Step.of(
                    STEP,
                    Details.text(ids),
                    r -> {
                      each(r, view.targets(), ids, START, Streams::change);
                      return "";
                    })
                // Without the message of the switch, whoever resumes its streams leaves these
                // alone.
                .undoneBy(r -> stopAgain(r, ids)));
  }

  /** On whatever tablets are the primaries by now. */
  private void stopAgain(Run run, Map<String, Set<String>> ids) throws Exception {
    each(
        run,
        cluster.current(view.targets()),
        ids,
        "set state='Stopped', message=''",
        Streams::changeWhatIsLeft);
  }

  /** Ids by target shard. */
  private Map<String, Set<String>> stopped() {
    Map<String, Set<String>> ids = new TreeMap<>();
    for (StreamView stream : view.streams()) {
      if (stream.stopped() && !stream.stream().getMessage().equals(StreamSql.CUTOVER)) {
        ids.computeIfAbsent(stream.target().shard(), shard -> new TreeSet<>())
            .add(Integer.toString(stream.id()));
      }
    }
    return ids;
  }

  /** How streams that are gone are taken. */
  @FunctionalInterface
  private interface Change {
    void make(
        TabletClient client,
        ShardPrimary shard,
        String workflow,
        String change,
        String further,
        int wanted);
  }

  private void each(
      Run run, List<ShardPrimary> targets, Map<String, Set<String>> ids, String text, Change change)
      throws Exception {
    Parallel.each(
        targets,
        target -> {
          for (String id : ids.getOrDefault(target.shard(), Set.of())) {
            change.make(
                cluster.client(target).withFence(run.fence()),
                target,
                view.workflow(),
                text,
                " and id=" + id,
                1);
          }
        });
  }
}

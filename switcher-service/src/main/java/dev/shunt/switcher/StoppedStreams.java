package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamControl;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Details;
import dev.shunt.saga.Run;
import dev.shunt.saga.Step;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/**
 * Streams that somebody had stopped before the switch. They have caught up, or it would not have
 * begun; they are started for it, and stopped again when it is taken back.
 */
final class StoppedStreams {
  /** Name of the step. */
  static final String STEP = "start-stopped-streams";

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
                      start(r, ids);
                      return "";
                    })
                // Without the message of the switch, whoever resumes its streams leaves these
                // alone.
                .undoneBy(r -> stopAgain(r, ids)));
  }

  /** On whatever tablets are the primaries by now. */
  private void stopAgain(Run run, Map<String, Set<String>> ids) throws Exception {
    each(run, cluster.current(view.targets()), ids, StreamControl::stop);
  }

  /** Ids by target shard. */
  private Map<String, Set<String>> stopped() {
    Map<String, Set<String>> ids = new TreeMap<>();
    for (StreamView stream : view.streams()) {
      if (stream.stopped() && !stream.stoppedForCutover()) {
        ids.computeIfAbsent(stream.target().shard(), shard -> new TreeSet<>())
            .add(Integer.toString(stream.id()));
      }
    }
    return ids;
  }

  /** A diff that died may have left a position at which they would stop again. */
  private void start(Run run, Map<String, Set<String>> ids) throws Exception {
    each(run, view.targets(), ids, StreamControl::startWithoutEnd);
  }

  private void each(
      Run run,
      List<ShardPrimary> targets,
      Map<String, Set<String>> ids,
      BiConsumer<StreamControl, Integer> change)
      throws Exception {
    Parallel.each(
        targets,
        target -> {
          StreamControl control = cluster.streams(target, view.workflow(), run.fence());
          ids.getOrDefault(target.shard(), Set.of())
              .forEach(id -> change.accept(control, Integer.valueOf(id)));
        });
  }
}

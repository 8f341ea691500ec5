package dev.shunt.switcher;

import binlogdata.Binlogdata.Journal;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Effect;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.routing.TrafficState;
import java.util.Map;
import java.util.Optional;

/**
 * How far a switch is, as the cluster shows.
 *
 * @param move from where to where traffic is to go
 * @param writes the streams that go that way; empty when only reads are concerned
 * @param stopped streams that have to be started for it, and those of them that are stopped again
 *     when it is taken back; empty when there are none
 * @param standing journals of this switch by source shard, when it is decided and not finished
 * @param writesDone whether writes go there already
 * @param leftovers whether an undecided switch was interrupted
 * @param other what an undecided switch the other way left, which keeps the side closed that is to
 *     serve
 */
record SwitchProgress(
    SwitchableMigration move,
    Optional<Writes> writes,
    Optional<ToStart> stopped,
    Map<String, Journal> standing,
    boolean writesDone,
    boolean leftovers,
    Optional<InterruptedSwitch> other) {
  SwitchProgress {
    standing = Map.copyOf(standing);
  }

  /**
   * Streams that run the way writes are to go.
   *
   * @param view the workflow of these streams
   * @param cutover performs the switch
   * @param migrator brings streams of other workflows along
   * @param left what an interrupted attempt left
   */
  record Writes(
      WorkflowView view, Cutover cutover, StreamMigrator migrator, InterruptedSwitch left) {}

  /**
   * Streams that stand still, or will.
   *
   * @param stopped by somebody, and to be stopped again
   * @param left by a diff that died
   */
  record ToStart(StoppedStreams stopped, StoppedStreams left) {
    boolean any() {
      return stopped.any() || left.any();
    }

    Effect effect(Cluster cluster) {
      return stopped.effect(cluster, left);
    }
  }

  boolean decided() {
    return !standing.isEmpty();
  }

  /** Whether an undecided switch, this way or the other, keeps a side closed. */
  boolean closed() {
    return leftovers || other.isPresent();
  }

  /** Whether all traffic that a switch is to move is there already. */
  boolean stays(SwitchRequest request, TrafficState state) {
    boolean writesStay = !request.writes() || (writesDone && !closed() && !decided());
    return writesStay
        && request.reads().stream()
            .allMatch(type -> request.readsAreSwitched(request.elsewhere(state, type)));
  }
}

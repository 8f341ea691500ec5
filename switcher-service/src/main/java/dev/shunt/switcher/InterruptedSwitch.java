package dev.shunt.switcher;

import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.Traffic;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.Step;
import dev.shunt.saga.StoppedException;
import dev.shunt.saga.Undos;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.streams.MigrationId;
import java.util.ArrayList;
import java.util.List;

/** What an interrupted attempt at a switch left behind, as the cluster tells. */
final class InterruptedSwitch {
  private final WorkflowView view;
  private final Cutover cutover;
  private final Traffic traffic;

  /** Looks at the streams that run the way writes were to go. */
  InterruptedSwitch(WorkflowView view, Cutover cutover) {
    this.view = view;
    this.cutover = cutover;
    this.traffic = cutover.traffic();
  }

  /**
   * Whether the source denies the tables or streams are stopped; without a journal it is undone.
   */
  boolean present() {
    return view.sources().stream().anyMatch(source -> traffic.deniesSome(source.record()))
        || view.streams().stream().anyMatch(StreamView::stoppedForCutover);
  }

  /** Takes back what was done before anything was decided: the pause's own way, in its order. */
  String takeBack(Run run) throws Exception {
    List<Exception> failures = new ArrayList<>();
    for (Step part : Undos.eachAlone(SwitchSaga.UNDO_ORDER, cutover.wayBack().steps()).steps()) {
      Step.Undo undo = part.undo();
      try {
        if (undo != null) {
          undo.run(run);
        }
      } catch (RunAgainException | StoppedException e) {
        throw e; // it is decided, or somebody else's to go on with
      } catch (Exception e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      Exception first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
    return "source open, streams running";
  }

  /**
   * Refuses to go on from a journal when a source serves the tables: then it is not the last word.
   */
  void requireSourceDenied() {
    for (ShardPrimary source : view.sources()) {
      if (!traffic.deniesAll(source.record())) {
        throw Refusal.failedPrecondition(
                "there is a journal of migration %d, but %s serves the tables again: find out which"
                    + " side is right, then deny the tables there, or delete the journal: the rows of"
                    + " _vt.resharding_journal on its sources with id %d or %d",
                view.migrationId(),
                source.name(),
                view.migrationId(),
                MigrationId.beside(view.migrationId(), source.database()))
            .exception();
      }
    }
  }
}

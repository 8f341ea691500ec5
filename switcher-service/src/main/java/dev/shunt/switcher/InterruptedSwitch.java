package dev.shunt.switcher;

import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.StreamView;
import dev.shunt.cluster.Traffic;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.StoppedException;
import dev.shunt.saga.Undos;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.streams.MigrationId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What an interrupted attempt at a switch left behind, as the cluster shows. */
final class InterruptedSwitch {
  private final WorkflowView view;
  private final Cutover cutover;
  private final Traffic traffic;
  private final Set<String> decided;
  private final StreamMigrator migrator;

  /**
   * Looks at the streams that run the way writes were to go.
   *
   * @param migrator knows which streams of other workflows it has stopped
   * @param decided source shards whose journal stood when this was planned
   */
  InterruptedSwitch(
      WorkflowView view, Cutover cutover, StreamMigrator migrator, Set<String> decided) {
    this.migrator = migrator;
    this.view = view;
    this.cutover = cutover;
    this.traffic = cutover.traffic();
    this.decided = Set.copyOf(decided);
  }

  /**
   * Whether the source denies the tables or streams are stopped; without a journal it is undone.
   */
  boolean present() {
    return view.sources().stream()
            .anyMatch(source -> traffic.deniesSome(source.shard(), source.record()))
        || view.streams().stream().anyMatch(StreamView::stoppedForCutover)
        || migrator.leftStopped();
  }

  /**
   * Fences off whoever may only sleep, then looks whether the same is decided as before.
   *
   * @param earlier what earlier runs of the command did
   * @throws RunAgainException when others stand by now
   */
  String fenceOff(Run run, EarlierRuns earlier) throws Exception {
    cutover.raiseFences(run);
    if (!cutover.journals().keySet().equals(decided)) {
      throw new RunAgainException("an earlier run has written journals meanwhile");
    }
    if (decided.isEmpty()) {
      earlier.requireUndecided(view);
    }
    return "";
  }

  /** Takes back what was done before anything was decided: the pause's own way, in its order. */
  String takeBack(Run run) throws Exception {
    List<Exception> failures = new ArrayList<>();
    for (Undos.Part part : cutover.wayBack().undos(migrator.detail()).parts()) {
      try {
        part.undo().run(run);
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
      if (!traffic.deniesAll(source.shard(), source.record())) {
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

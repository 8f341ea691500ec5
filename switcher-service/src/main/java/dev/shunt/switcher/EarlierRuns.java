package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.Effect;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.RunHistory;
import dev.shunt.saga.Undos;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.workflow.plan.SwitchAction;
import dev.shunt.workflow.plan.SwitchPlan;
import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What earlier runs of a switch did, as the log says: what must not go on standing, what can be
 * taken back, and how often it was tried. Looks at the topology and the sources, at no target.
 */
final class EarlierRuns {
  /** Undecided attempts after which a command fails instead of pausing writes once more. */
  private static final int MOST_ATTEMPTS = 3;

  private final Cluster cluster;
  private final SwitchTraffic command;
  private final RunHistory history;

  EarlierRuns(Cluster cluster, SwitchTraffic command, RunHistory history) {
    this.cluster = cluster;
    this.command = command;
    this.history = history;
  }

  /** Whether there were any that began a step. */
  boolean any() {
    return history.begun();
  }

  /** Whether one came as far as to note what it began from: its checks are not asked again. */
  boolean noted() {
    return DifferenceGuard.noted(history);
  }

  /** Streams of a workflow that one began to start, or that have to be started now. */
  StoppedStreams stopped(WorkflowView view) {
    return StoppedStreams.begun(history, view).orElseGet(() -> StoppedStreams.of(view));
  }

  /** In a pause, or in what an earlier run began to take back of another command's. */
  boolean writesMayWait() {
    boolean takingBack =
        history.started(SwitchAction.TAKE_BACK).isPresent()
            && history.finished(SwitchAction.TAKE_BACK).isEmpty();
    return takingBack || inPause();
  }

  /** Whether one began a pause that, as far as the log says, was not taken back. */
  boolean inPause() {
    return history.stands(SwitchAction.DENY_SOURCE_WRITES);
  }

  /** Whether one was to take back what another command left. */
  boolean tookBack() {
    return history.started(SwitchAction.TAKE_BACK).isPresent();
  }

  /** Whether one went on to move traffic. */
  boolean underWay() {
    return history.started(SwitchAction.REMEMBER_START).isPresent();
  }

  /** Whether so many were interrupted in the pause that there is not to be another one. */
  boolean tooManyAttempts() {
    return history.starts(SwitchAction.DENY_SOURCE_WRITES).size() >= MOST_ATTEMPTS;
  }

  /** What a command ends with after too many attempts. */
  static FailedException tooMany() {
    return new FailedException(
        Status.Code.ABORTED,
        "the switch was interrupted %d times before it was decided; it is taken back, traffic goes"
                .formatted(MOST_ATTEMPTS)
            + " where it went");
  }

  /** When the last one began to deny writes, milliseconds since 1970. */
  static Optional<Long> lastDenialMillis(RunHistory history) {
    String deny = SwitchAction.DENY_SOURCE_WRITES.stepName();
    return history.events().stream()
        .filter(event -> event instanceof StepStarted started && started.step().equals(deny))
        .map(event -> event.header().at())
        .reduce((first, second) -> second);
  }

  /**
   * An interrupted pause that is not decided: writes flow again before anybody looks at the
   * targets.
   */
  Undos overdue() throws Exception {
    Optional<Pause> pause = Pause.lastOf(history);
    if (pause.isEmpty() || !inPause()) {
      return Undos.NONE;
    }
    WayBack back = wayBack(pause.get());
    return back.journals().isEmpty()
        ? back.undos().only(SwitchAction.DENY_SOURCE_WRITES)
        : Undos.NONE;
  }

  /** All that they did, made of what they recorded. */
  Undos takingBack() {
    Map<SwitchAction, Effect> effects = new EnumMap<>(SwitchAction.class);
    history
        .started(SwitchAction.SWITCH_READS)
        .map(detail -> ReadsBefore.parse(detail).takingBack(cluster, SwitchRequest.of(command)))
        .ifPresent(effect -> effects.put(SwitchAction.SWITCH_READS, effect));
    StoppedStreams.begun(history)
        .ifPresent(streams ->
            effects.put(
                SwitchAction.START_STOPPED_STREAMS,
                Effect.begun("", run -> streams.stopAgain(cluster, run))));
    MigratedStreams.begun(history).ifPresent(migrated -> effects.putAll(migrated.effects(cluster)));
    Pause.lastOf(history).ifPresent(pause -> effects.putAll(wayBack(pause).effects()));
    return Undos.of(SwitchPlan.UNDOS, effects);
  }

  /**
   * The id of a switch is made of its streams. Where some have gone since an earlier run paused
   * writes, the journals of that pause still decide, and what is left can't finish it.
   *
   * @param view the workflow that the pause was to switch; of another nothing is said
   * @throws RunAgainException when it is so
   */
  void requireUndecided(WorkflowView view) throws Exception {
    Optional<Pause> pause = Pause.lastOf(history);
    if (pause.isEmpty()
        || !inPause()
        || !pause.get().workflow().equals(view.workflow())
        || pause.get().migrationId() == view.migrationId()
        || wayBack(pause.get()).journals().isEmpty()) {
      return;
    }
    throw new RunAgainException(
        ("an interrupted switch can't go on: it is decided by the journal of migration %d, but the"
                + " streams of workflow %s.%s are not those of that switch any more: somebody has"
                + " deleted some of them; put them back")
            .formatted(pause.get().migrationId(), view.keyspace(), view.workflow()));
  }

  private WayBack wayBack(Pause pause) {
    return WayBack.ofEarlierRun(cluster, pause, SwitchRequest.of(command).timeout());
  }
}

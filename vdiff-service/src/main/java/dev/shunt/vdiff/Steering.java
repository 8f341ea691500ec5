package dev.shunt.vdiff;

import dev.shunt.saga.Run;
import dev.shunt.saga.RunHistory;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.time.Time;
import dev.shunt.workflow.lifecycle.DiffTuning;
import dev.shunt.workflow.plan.DiffAction;

/**
 * What signals have asked of a diff: to stop, to pause, to be slower. It follows from the signals
 * that runs of it have taken, so that a run that takes over goes on as the one before would have.
 */
final class Steering {
  private final RowRate pace;
  private boolean paused;
  private boolean stopped;

  /** As earlier runs left it. */
  Steering(RunHistory history, Time time) {
    this.pace = new RowRate(time);
    history.signals().forEach(this::goesOn);
  }

  /** How fast rows may be read. */
  RowRate pace() {
    return pace;
  }

  /** Whether it was asked to stop for good. */
  boolean stopped() {
    return stopped;
  }

  /** A signal was taken; whether the comparison that is under way goes on. */
  boolean goesOn(SignalTaken taken) {
    switch (taken.signal()) {
      case STOP -> stopped = true;
      case PAUSE -> paused = true;
      case RESUME -> paused = false;
      case RETUNE -> DiffTuning.rowsPerSecond(taken.settings()).ifPresent(pace::limit);
      case UNKNOWN -> {} // of a later version, whose admission let it through
    }
    return !stopped && !paused;
  }

  /** Takes what waits, and waits while it is paused; whether there is more to do. */
  boolean awaitTurn(Run run) throws InterruptedException {
    boolean unused = run.takeSignals(this::goesOn);
    while (paused && !stopped) {
      run.awaitSignal(DiffAction.COMPARE_TABLES);
      unused = run.takeSignals(this::goesOn);
    }
    return !stopped;
  }
}

package dev.shunt.saga;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Carries out the steps of a saga. What is taken back is what this run began and what earlier runs
 * began, as far as the log says, in the order of the saga's {@link Undos}.
 *
 * <pre>
 *   undecided ──step fails──▶ undoing ──all taken back──▶ failed
 *       │
 *   decisive step holds
 *       ▼
 *    decided ──step fails──▶ tried again until it holds: after a while, or when asked to stop, by
 *       │                    another run, for the tablets need not be primaries any more
 *       │
 *       ▼
 *   succeeded
 * </pre>
 */
final class SagaExecutor {
  private final SagaSettings settings;
  private final Run run;

  SagaExecutor(SagaSettings settings, Run run) {
    this.settings = settings;
    this.run = run;
  }

  /** Carries out all steps and words the success, or takes back what was done and throws why. */
  Success execute(Saga saga) throws Exception {
    boolean decided = saga.decided();
    Set<String> begun = new HashSet<>();
    for (Step step : saga.steps()) {
      begun.add(step.name());
      run.forwardStep(decided || step.decisive() || step.mustSucceed() ? step.name() : "");
      if (decided || step.mustSucceed()) {
        retryUntilDone(step);
      } else {
        try {
          ensure(step, true);
        } catch (Exception e) {
          throw undo(saga.undos(), begun, e);
        }
      }
      decided |= step.decisive();
    }
    run.quiet(false);
    for (int attempt = 1; ; attempt++) {
      try {
        Success success = saga.ending().finish(run);
        run.flush();
        return success;
      } catch (Exception e) {
        passOn(e);
        run.pause(settings.backoff(attempt));
      }
    }
  }

  /** Takes back what earlier runs began of these. */
  void takeBack(Undos undos) throws Exception {
    takeBack(undos, Integer.MAX_VALUE);
  }

  /**
   * As {@link #takeBack(Undos)}, for as many tries.
   *
   * @throws RunAgainException when something is left then
   */
  void takeBack(Undos undos, int most) throws Exception {
    takeBack(undos.begun(Set.of(), run.history()), undos.eachAlone(), most);
  }

  private Exception undo(Undos undos, Set<String> begun, Exception why) throws Exception {
    passOn(why);
    takeBack(undos.begun(begun, run.history()), undos.eachAlone(), Integer.MAX_VALUE);
    return why;
  }

  private void ensure(Step step, boolean first) throws Exception {
    if (!step.quiet()) {
      run.quiet(false);
    }
    run.check();
    long start = run.clock().nanoTime();
    if (first) {
      run.stepStarted(step);
    }
    run.flush();
    run.quiet(step.quiet());
    try {
      run.stepFinished(step, step.effect().ensure().run(run), start);
    } catch (Exception e) {
      run.triedInVain(step.name(), e, start);
      throw e;
    }
  }

  /** Tries until it holds; gives way to a run that plans anew when it has not for a while. */
  private void retryUntilDone(Step step) throws Exception {
    Duration patience = run.patience(step.name());
    long began = run.clock().nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        ensure(step, attempt == 1);
        return;
      } catch (Exception e) {
        passOn(e);
        if (run.clock().nanoTime() - began > patience.toNanos()) {
          throw new RunAgainException(
              "step %s has to hold: %s".formatted(step.name(), Failures.message(e)), e);
        }
        run.betweenTries(settings.backoff(attempt));
      }
    }
  }

  /** Goes through them again and again until all are taken back. */
  private void takeBack(List<Undos.Part> parts, boolean eachAlone, int most) throws Exception {
    List<Undos.Part> left = parts;
    for (int attempt = 1; !left.isEmpty(); attempt++) {
      if (attempt > most) {
        throw new RunAgainException(
            "%s can't be taken back for now".formatted(left.getFirst().name()));
      }
      if (attempt > 1) {
        run.pause(settings.backoff(attempt - 1));
      }
      left = notTakenBack(left, eachAlone);
      // What could not be taken back is published, and a request to stop counts.
      run.quiet(false);
    }
    run.quiet(false);
  }

  private List<Undos.Part> notTakenBack(List<Undos.Part> parts, boolean eachAlone)
      throws Exception {
    List<Undos.Part> left = new ArrayList<>();
    for (Undos.Part part : parts) {
      boolean waits = !left.isEmpty() && !eachAlone;
      if (waits || !undone(part)) {
        left.add(part);
      }
    }
    return left;
  }

  private boolean undone(Undos.Part part) throws Exception {
    if (!part.quiet()) {
      run.quiet(false);
    }
    long start = run.clock().nanoTime();
    try {
      part.undo().run(run);
      run.stepUndone(part.name(), start);
      return true;
    } catch (Exception e) {
      run.triedInVain("undo " + part.name(), e, start);
      passOn(e);
      return false;
    }
  }

  /** Throws what ends the run without an outcome. */
  private void passOn(Exception e) throws Exception {
    if (e instanceof StoppedException
        || e instanceof RunAgainException
        || e instanceof TaskLocks.LockedException) {
      throw e;
    }
    run.checkLock();
    if (run.stopRequested() && Failures.interrupted(e)) {
      throw new StoppedException("interrupted");
    }
    if (Failures.superseded(e)) {
      throw e;
    }
  }
}

package dev.shunt.saga;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries out the steps of a saga. What is taken back is what this run began and what earlier runs
 * began, as far as the log tells.
 *
 * <pre>
 *   undecided ──step fails──▶ undoing ──all taken back──▶ failed
 *       │
 *   decisive step holds
 *       ▼
 *    decided ──step fails──▶ tried again until it holds
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
    List<Step> steps = saga.steps();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (decided || step.held()) {
        hold(step);
      } else {
        try {
          ensure(step);
        } catch (Exception e) {
          throw undo(begun(steps, i), e);
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

  /** Takes back what earlier runs began of these steps; returns why, to be thrown. */
  Exception takenBack(List<Step> steps, Exception why) throws Exception {
    return undo(begun(steps, -1), why);
  }

  /**
   * Steps that were begun: up to an index by this run, and those that stand by the history. The log
   * names the first step of a quiet section only, so the others count as begun with it.
   */
  private List<Step> begun(List<Step> steps, int last) {
    List<Step> begun = new ArrayList<>();
    boolean quietBegun = false;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      boolean stands = run.history().stands(step.name()) || (step.quiet() && quietBegun);
      quietBegun = step.quiet() && stands;
      if (stands || i <= last) {
        begun.add(step);
      }
    }
    return begun;
  }

  private void ensure(Step step) throws Exception {
    if (!step.quiet()) {
      run.quiet(false);
    }
    run.check();
    long start = System.nanoTime();
    run.stepStarted(step);
    run.flush();
    run.quiet(step.quiet());
    try {
      run.stepFinished(step, step.ensure().run(run), start);
    } catch (Exception e) {
      tellFailure(step.name(), e, start);
      throw e;
    }
  }

  private void hold(Step step) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        ensure(step);
        return;
      } catch (Exception e) {
        passOn(e);
        run.pause(settings.backoff(attempt));
      }
    }
  }

  private Exception undo(List<Step> begun, Exception why) throws Exception {
    passOn(why);
    for (Step step : begun.reversed()) {
      Step.Undo undo = step.undo();
      if (undo == null) {
        continue;
      }
      if (!step.quiet()) {
        run.quiet(false);
      }
      for (int attempt = 1; !undone(step, undo); attempt++) {
        Duration wait = settings.backoff(attempt);
        run.pause(wait);
      }
    }
    run.quiet(false);
    return why;
  }

  private boolean undone(Step step, Step.Undo undo) throws Exception {
    long start = System.nanoTime();
    try {
      undo.run(run);
      run.stepUndone(step, start);
      return true;
    } catch (Exception e) {
      tellFailure("undo " + step.name(), e, start);
      passOn(e);
      return false;
    }
  }

  /** What failed counts, also when it can't be told. */
  private void tellFailure(String step, Exception e, long start) {
    try {
      run.stepFailed(step, Failures.message(e), start);
    } catch (RuntimeException untold) {
      e.addSuppressed(untold);
    }
  }

  /** Throws what ends the run without an outcome. */
  private void passOn(Exception e) throws Exception {
    if (e instanceof StoppedException || e instanceof RunAgainException) {
      throw e;
    }
    if (run.stopRequested() && Failures.interrupted(e)) {
      throw new StoppedException("interrupted");
    }
    if (Failures.superseded(e)) {
      throw e;
    }
  }
}

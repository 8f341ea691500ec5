package dev.shunt.switcher;

import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.StoppedException;
import dev.shunt.workflow.plan.PlanAction;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Within the step that decides a switch, behind the decision: a failure that left the step would
 * have the switch taken back. The log says why something is tried again, as writes wait for it.
 */
final class Decided {
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  private Decided() {}

  /** What has to be done. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  /**
   * Does it again and again until it holds.
   *
   * @param step the step that it is part of
   * @throws RunAgainException when another run has taken over, or when it has not held for a while:
   *     a run that plans anew finds the primaries of then
   * @throws StoppedException when this run was asked to stop
   */
  static void untilItHolds(Run run, PlanAction step, Work work) throws InterruptedException {
    long began = run.clock().nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        work.run();
        return;
      } catch (StoppedException | RunAgainException e) {
        throw e;
      } catch (Exception e) {
        failed(run, step, e, began);
      }
      pause(run, attempt);
    }
  }

  /** Waits before another try. */
  static void pause(Run run, int attempt) throws InterruptedException {
    run.betweenTries(
        Duration.ofMillis(Math.min(LONGEST_PAUSE_MILLIS, 10L << Math.min(attempt, 10))));
  }

  /**
   * Reports that a try has failed; throws as {@link #untilItHolds} does where there is no other.
   */
  static void failed(Run run, PlanAction step, Exception why, long beganNanos) {
    passOnSuperseded(why);
    run.triedInVain(step.stepName(), why, beganNanos);
    if (run.clock().nanoTime() - beganNanos > run.patience(step.stepName()).toNanos()) {
      throw new RunAgainException(
          "the switch is decided and has to be finished: " + Failures.message(why), why);
    }
  }

  /** Throws RunAgainException when a failure says that another run has taken over. */
  static void passOnSuperseded(@Nullable Throwable failure) {
    if (failure != null && Failures.superseded(failure)) {
      throw new RunAgainException("superseded", failure);
    }
  }
}

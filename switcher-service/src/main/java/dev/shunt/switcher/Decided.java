package dev.shunt.switcher;

import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.StoppedException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Within the step that decides a switch, behind the decision: a failure that left the step would
 * have the switch taken back.
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
   * @throws RunAgainException when another run has taken over
   * @throws StoppedException when this run was asked to stop
   */
  static void untilItHolds(Run run, Work work) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        work.run();
        return;
      } catch (StoppedException | RunAgainException e) {
        throw e;
      } catch (Exception e) {
        passOnSuperseded(e);
      }
      run.betweenTries(
          Duration.ofMillis(Math.min(LONGEST_PAUSE_MILLIS, 10L << Math.min(attempt, 10))));
    }
  }

  /** Throws RunAgainException when a failure says that another run has taken over. */
  static void passOnSuperseded(@Nullable Throwable failure) {
    if (failure != null && Failures.superseded(failure)) {
      throw new RunAgainException("superseded", failure);
    }
  }
}

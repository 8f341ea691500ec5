package dev.shunt.saga;

import dev.shunt.schemas.Event;
import dev.shunt.time.Time;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.lifecycle.Decider;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task as a saga and publishes its outcome. The workflow's lock is held while it is planned,
 * and to the end where {@link SagaPlanner#locksThroughout} says so.
 */
public final class SagaHandler implements TaskHandler {
  private static final Logger log = LoggerFactory.getLogger(SagaHandler.class);

  private final TaskLocks locks;
  private final LockNames lockNames;
  private final RunFailures failures = new RunFailures();
  private final Time time;
  private final SagaSettings settings;
  private final SagaPlanner planner;

  /**
   * Carries tasks out under the locks of a topology.
   *
   * @param instance name of this process in events
   */
  public SagaHandler(
      Topo topo,
      LockNames lockNames,
      EventSink sink,
      EventHistory histories,
      String instance,
      Time time,
      SagaSettings settings,
      SagaPlanner planner) {
    this.locks = new TaskLocks(topo, sink, histories, instance, time, settings);
    this.lockNames = lockNames;
    this.time = time;
    this.settings = settings;
    this.planner = planner;
  }

  @Override
  public Result handle(Task task, StopSignal stop) {
    try {
      String lockName = locks.name(lockNames, task, stop);
      try (TopoLock lock = locks.take(lockName, task, stop)) {
        lock.onLost(stop::lockLost);
        // The history is read under the lock: nobody else adds to it from now on.
        Run run = locks.run(task, lock, lockName, stop);
        try {
          Result result = carryOut(run);
          failures.over(task);
          return result;
        } finally {
          run.end();
        }
      }
    } catch (TaskLocks.LockedException e) {
      return e.result();
    } catch (StoppedException e) {
      return Result.STOPPED;
    } catch (RuntimeException e) {
      if (stop.requested()) {
        return Result.STOPPED;
      }
      failures.ended(task, e);
      return Result.AGAIN;
    }
  }

  private Result carryOut(Run run) {
    Optional<Event> outcome = run.history().outcome();
    if (outcome.isPresent()) {
      run.repeat(outcome.get());
      return Result.FINISHED;
    }
    Optional<Refusal> refusal =
        run.history().begun()
            ? Optional.empty()
            : Decider.beforeItBegins(run.command(), time.millis());
    if (refusal.isPresent()) {
      run.refused(refusal.get().code().name(), refusal.get().message());
      return Result.FINISHED;
    }
    Success success;
    try {
      success = steps(run);
    } catch (RefusedException e) {
      refuse(run, e);
      return Result.FINISHED;
    } catch (StoppedException | RunAgainException | TaskLocks.LockedException e) {
      throw e;
    } catch (Exception e) {
      if (Failures.superseded(e) || (run.stopRequested() && Failures.interrupted(e))) {
        throw new RunAgainException("superseded or stopped", e);
      }
      log.atWarn()
          .addKeyValue("workflow", run.task().key())
          .addKeyValue("command", run.task().commandId())
          .addKeyValue("reason", Failures.message(e))
          .setCause(Failures.code(e) == Status.Code.INTERNAL ? e : null)
          .log("command failed");
      run.failed(Failures.code(e).name(), Failures.message(e));
      return Result.FINISHED;
    }
    // What can't be published has not failed: the next run finds that all holds, or that it was.
    run.succeeded(success);
    return Result.FINISHED;
  }

  private Success steps(Run run) throws Exception {
    SagaExecutor executor = new SagaExecutor(settings, run);
    Saga saga;
    try {
      if (run.history().begun()) {
        executor.takeBack(
            looking(run, "what an earlier run left in the way", () -> planner.overdue(run)),
            // Others may need the lock to go on, where it isn't this command's to keep.
            planner.locksThroughout() ? Integer.MAX_VALUE : settings.planAttempts());
      }
      saga = plan(run);
    } catch (RunAgainException e) {
      reportFailure(run, e);
      throw e;
    } catch (Exception e) {
      if (!run.history().begun() || ends(run, e)) {
        throw e;
      }
      executor.takeBack(takingBack(run, e));
      throw e;
    }
    if (!planner.locksThroughout()) {
      run.release();
    }
    return executor.execute(saga);
  }

  /** Whether a failure ends the run without an outcome, whatever it was about. */
  private static boolean ends(Run run, Exception e) {
    return e instanceof StoppedException || run.stopRequested() || Failures.superseded(e);
  }

  private Undos takingBack(Run run, Exception why) throws Exception {
    try {
      return looking(
          run, "how to take back what an earlier run did", () -> planner.takingBack(run, why));
    } catch (RunAgainException e) {
      e.addSuppressed(why);
      reportFailure(run, e);
      throw e;
    }
  }

  private static Undos looking(Run run, String what, Callable<Undos> look) throws Exception {
    try {
      return look.call();
    } catch (RunAgainException e) {
      throw e;
    } catch (Exception e) {
      if (ends(run, e)) {
        throw e;
      }
      throw new RunAgainException("could not tell " + what, e);
    }
  }

  /** Puts on the log why a begun command does not go on: each sentence once. */
  private static void reportFailure(Run run, RunAgainException why) {
    Throwable cause = why.getCause();
    if (run.stopRequested() || (cause != null && Failures.superseded(cause))) {
      return;
    }
    String said = Failures.message(why);
    String because = cause == null ? "" : Failures.message(cause);
    String text = because.isEmpty() || said.contains(because) ? said : said + ": " + because;
    run.reportOnce(TaskLocks.PLANNING, text);
  }

  /** A command of which a step was begun was not refused, it failed. */
  private static void refuse(Run run, RefusedException e) {
    String code = e.refusal().code().name();
    if (run.begun()) {
      run.failed(code, e.refusal().message());
    } else {
      run.refused(code, e.refusal().message());
    }
  }

  /** Plans; tries a few times, but nothing that was waited for already. */
  private Saga plan(Run run) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        run.check();
        return planner.plan(run);
      } catch (RefusedException | RunAgainException | StoppedException e) {
        throw e;
      } catch (Exception e) {
        if (Failures.superseded(e) || run.stopRequested()) {
          throw e;
        }
        boolean waited = e instanceof FailedException failed && failed.waited();
        if (waited || attempt >= settings.planAttempts()) {
          throw e;
        }
        run.pause(settings.backoff(attempt));
      }
    }
  }
}

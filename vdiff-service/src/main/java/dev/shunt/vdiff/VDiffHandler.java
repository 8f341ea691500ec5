package dev.shunt.vdiff;

import dev.shunt.cluster.Cluster;
import dev.shunt.saga.EventHistory;
import dev.shunt.saga.EventSink;
import dev.shunt.saga.Failures;
import dev.shunt.saga.Run;
import dev.shunt.saga.RunAgainException;
import dev.shunt.saga.RunFailures;
import dev.shunt.saga.SagaSettings;
import dev.shunt.saga.StopSignal;
import dev.shunt.saga.StoppedException;
import dev.shunt.saga.Task;
import dev.shunt.saga.TaskHandler;
import dev.shunt.saga.TaskLocks;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.time.Time;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.lifecycle.Decider;
import java.util.Optional;

/**
 * Runs diffs. The workflow's lock is held only while streams are stopped; a table that an earlier
 * run finished is not compared again.
 */
public final class VDiffHandler implements TaskHandler {
  /** What for it locks, shown to whoever waits. */
  private static final String ACTION = "vdiff";

  private final Cluster cluster;
  private final Time time;
  private final SagaSettings settings;
  private final long waitingBytes;
  private final TaskLocks locks;
  private final RunFailures failures = new RunFailures();

  /**
   * Wires it.
   *
   * @param instance name of this process in events
   * @param waitingBytes most memory that rows without a match may take in one comparison
   */
  public VDiffHandler(
      Cluster cluster,
      EventSink sink,
      EventHistory histories,
      String instance,
      Time time,
      SagaSettings settings,
      long waitingBytes) {
    this.cluster = cluster;
    this.time = time;
    this.settings = settings;
    this.waitingBytes = waitingBytes;
    this.locks = new TaskLocks(cluster.topo(), sink, histories, instance, time, settings);
  }

  @Override
  public Result handle(Task task, StopSignal stop) {
    try {
      Result result = diff(task, stop);
      failures.over(task);
      return result;
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

  private Result diff(Task task, StopSignal stop) {
    String lockName = locks.name(cluster::lockName, task, stop);
    Run run;
    Diff diff = null;
    try (TopoLock lock = locks.take(lockName, ACTION, task, stop)) {
      run = locks.run(task, lock, lockName, stop);
      run.stopWhenLost(lock);
      Optional<Event> told = run.history().outcome();
      if (told.isPresent()) {
        run.repeat(told.get());
        return Result.FINISHED;
      }
      if (!(task.command() instanceof VDiffCreate command)) {
        throw Refusal.of(
                Refusal.Code.UNIMPLEMENTED,
                "%s is not a task of the vdiff service",
                task.command().getClass().getSimpleName())
            .exception();
      }
      if (!Diff.begun(run.history())) {
        Decider.beforeItBegins(command, time.millis())
            .ifPresent(refusal -> {
              throw refusal.exception();
            });
      }
      diff =
          new Diff(
              cluster,
              command,
              settings,
              waitingBytes,
              () -> locks.take(lockName, ACTION, task, stop));
      begin(diff, run);
    } catch (RefusedException e) {
      return refused(task, stop, lockName, e);
    } catch (Exception e) {
      throw unchecked(e);
    }
    try {
      run.succeeded(diff.compare(run, stop));
      return Result.FINISHED;
    } catch (Exception e) {
      if (e instanceof RunAgainException || stop.requested() || Failures.superseded(e)) {
        throw unchecked(e);
      }
      diff.failed(run, e);
      run.failed(Failures.code(e).name(), Failures.message(e));
      return Result.FINISHED;
    }
  }

  /** Tries a few times; a run that may follow another one is run again instead of failing here. */
  private void begin(Diff diff, Run run) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        diff.begin(run);
        return;
      } catch (RefusedException | StoppedException e) {
        throw e;
      } catch (Exception e) {
        boolean last = attempt >= settings.planAttempts() && run.history().events().isEmpty();
        if (last && !Failures.superseded(e)) {
          throw Refusal.of(
                  Refusal.Code.ABORTED, "could not begin the diff: %s", Failures.message(e))
              .exception();
        }
        if (attempt >= settings.planAttempts()) {
          if (!Failures.superseded(e)) {
            run.tellOnce(
                TaskLocks.PLANNING, "could not go on with the diff: " + Failures.message(e));
          }
          throw e;
        }
        run.pause(settings.backoff(attempt));
      }
    }
  }

  /** An earlier run may have told that the diff began: then it must be told that it ended. */
  private Result refused(Task task, StopSignal stop, String lockName, RefusedException e) {
    try (TopoLock lock = locks.take(lockName, ACTION, task, stop)) {
      Run run = locks.run(task, lock, lockName, stop);
      String code = e.refusal().code().name();
      if (Diff.begun(run.history())) {
        Diff.abandon(run, e.refusal().message());
        run.failed(code, e.refusal().message());
      } else {
        run.refused(code, e.refusal().message());
      }
    }
    return Result.FINISHED;
  }

  private static RuntimeException unchecked(Exception e) {
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }
}

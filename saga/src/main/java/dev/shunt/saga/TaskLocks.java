package dev.shunt.saga;

import dev.shunt.schemas.Event;
import dev.shunt.time.Time;
import dev.shunt.topo.LockWait;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.RefusedException;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * Takes the locks of workflows for tasks. Who waits for long publishes whom it waits for, or that
 * the topology does not answer; a command that has not begun is refused when another tool keeps the
 * lock, and changes nothing.
 */
final class TaskLocks {
  /**
   * How often a topology that is away is tried again. Somebody's writes may be held until the lock
   * is there, so it doesn't wait as long as other tries do.
   */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  /** Name under which it is published why a command can't be planned for now. */
  static final String PLANNING = "plan";

  /** How long it is away before that is published. */
  private static final Duration UNREPORTED = Duration.ofSeconds(2);

  private final Topo topo;
  private final EventSink sink;
  private final EventHistory histories;
  private final String instance;
  private final Time time;
  private final SagaSettings settings;

  /**
   * @param instance name of this process in events
   */
  TaskLocks(
      Topo topo,
      EventSink sink,
      EventHistory histories,
      String instance,
      Time time,
      SagaSettings settings) {
    this.topo = topo;
    this.sink = sink;
    this.histories = histories;
    this.instance = instance;
    this.time = time;
    this.settings = settings;
  }

  /** The lock was not to be had in time, or has no name. */
  static final class LockedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean refused;

    LockedException(Throwable cause, boolean refused) {
      super(cause.getMessage(), cause);
      this.refused = refused;
    }

    /** What becomes of the task: its refusal was published, or it is run again. */
    TaskHandler.Result result() {
      return refused ? TaskHandler.Result.FINISHED : TaskHandler.Result.AGAIN;
    }
  }

  /**
   * The name of a task's lock, which tablets may have to be asked for: that of a reverse workflow
   * is its forward one's. A command that has not begun is refused when they don't say, after a few
   * tries; one that has begun is tried until they do, and the log says why it does not go on.
   *
   * @throws LockedException when it was refused
   * @throws StoppedException when the run was asked to stop meanwhile
   */
  String name(LockNames names, Task task, StopSignal stop) {
    String known = task.key().toString();
    Run waiting = without(NoLock.WAITING, task, known, stop);
    long began = time.nanoTime();
    for (int attempt = 1; ; attempt++) {
      try {
        return onceItAnswers(() -> names.of(task.key()), () -> waiting, stop);
      } catch (StoppedException e) {
        throw e;
      } catch (RuntimeException e) {
        stop.check();
        if (stop.requested()) {
          throw new StoppedException("asked to stop");
        }
        boolean last = e instanceof RefusedException || attempt >= settings.planAttempts();
        if (last && untouched(task)) {
          without(NoLock.GIVEN_UP, task, known, stop)
              .refused(Failures.code(e).name(), Failures.message(e));
          throw new LockedException(e, true);
        }
        waiting.triedInVain(PLANNING, e, began);
      }
      sleep(settings.backoff(attempt));
    }
  }

  /**
   * Takes a lock. Whoever waits for it is shown the kind of the command.
   *
   * @param name of the lock
   * @throws LockedException when another tool kept it for long, or the line was too long
   */
  TopoLock take(String name, Task task, StopSignal stop) {
    return take(name, task, stop, () -> without(NoLock.WAITING, task, name, stop));
  }

  /**
   * Takes a lock.
   *
   * @param waiting tells what is waited for
   */
  private TopoLock take(String name, Task task, StopSignal stop, Supplier<Run> waiting) {
    stop.check();
    String action = task.command().getClass().getSimpleName();
    LockWait wait =
        new LockWait(
            settings.foreignLockWait(),
            settings.lockWait(),
            holder -> waiting.get().waitsFor(holder));
    try {
      return onceItAnswers(
          () -> topo.lockName(name, action, settings.lockTtl(), wait), waiting, stop);
    } catch (TopoException e) {
      if (e.kind() != TopoException.Kind.TIMEOUT) {
        throw e;
      }
      boolean untouched = untouched(task);
      if (untouched) {
        without(NoLock.GIVEN_UP, task, name, stop)
            .refused(Status.Code.DEADLINE_EXCEEDED.name(), Failures.message(e));
      }
      throw new LockedException(e, untouched);
    }
  }

  /**
   * A run under a lock that is held, with what earlier runs published.
   *
   * @throws RunAgainException when an event of theirs can't be read, which is published once: it
   *     may say what has to be taken back
   */
  Run run(Task task, TopoLock lock, String name, StopSignal stop) {
    try {
      return run(task, histories.of(task), lock, name, stop);
    } catch (UnreadableEventException e) {
      String why =
          "%s; it is looked for again until it can be read or the command is abandoned"
              .formatted(e.getMessage());
      Run blind = run(task, e.others(), lock, name, stop);
      blind.reportOnce(PLANNING, why);
      blind.end();
      throw new RunAgainException(why);
    }
  }

  private Run run(Task task, List<Event> events, TopoLock lock, String name, StopSignal stop) {
    return new Run(
        task,
        new RunHistory(events),
        lock,
        again -> take(name, task, stop, () -> again),
        name,
        sink,
        stop,
        instance,
        time,
        settings);
  }

  /** Whether no run has published anything of the task. */
  private boolean untouched(Task task) {
    try {
      return histories.of(task).isEmpty();
    } catch (UnreadableEventException e) {
      return false;
    }
  }

  /** Calls as soon as the topology answers; gives up after a while without an answer. */
  private <T> T onceItAnswers(Supplier<T> call, Supplier<Run> waiting, StopSignal stop) {
    long start = time.nanoTime();
    boolean reported = false;
    while (true) {
      try {
        return call.get();
      } catch (TopoException e) {
        stop.check();
        long awayNanos = time.nanoTime() - start;
        if (!TopoException.storeAway(e) || awayNanos > settings.foreignLockWait().toNanos()) {
          throw e;
        }
        if (!reported && awayNanos > UNREPORTED.toNanos()) {
          reported = true;
          waiting.get().waitsForTopology(Failures.message(e));
        }
      }
      sleep(LOOK_AGAIN);
    }
  }

  private void sleep(Duration pause) {
    try {
      time.sleep(pause);
    } catch (InterruptedException e) {
      throw new StoppedException("interrupted");
    }
  }

  /** A run that holds no lock: it can publish what it waits for or its end, and do nothing. */
  private Run without(long token, Task task, String name, StopSignal stop) {
    return run(task, List.of(), new NoLock(name, token), name, stop);
  }
}

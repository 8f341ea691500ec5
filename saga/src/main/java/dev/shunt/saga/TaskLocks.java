package dev.shunt.saga;

import dev.shunt.topo.LockWait;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import io.grpc.Status;
import java.time.InstantSource;
import java.util.List;

/**
 * Takes the locks of workflows for tasks. Who waits for long tells the log whom it waits for; a
 * command that has not begun is refused when another tool keeps the lock, and changes nothing.
 */
public final class TaskLocks {
  private final Topo topo;
  private final EventSink sink;
  private final EventHistory histories;
  private final String instance;
  private final InstantSource clock;
  private final SagaSettings settings;

  /**
   * Wires it.
   *
   * @param instance name of this process in events
   */
  public TaskLocks(
      Topo topo,
      EventSink sink,
      EventHistory histories,
      String instance,
      InstantSource clock,
      SagaSettings settings) {
    this.topo = topo;
    this.sink = sink;
    this.histories = histories;
    this.instance = instance;
    this.clock = clock;
    this.settings = settings;
  }

  /** The lock was not to be had in time. */
  public static final class LockedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean refused;

    LockedException(TopoException cause, boolean refused) {
      super(cause.getMessage(), cause);
      this.refused = refused;
    }

    /** What becomes of the task: it was told to be refused, or is run again. */
    public TaskHandler.Result result() {
      return refused ? TaskHandler.Result.FINISHED : TaskHandler.Result.AGAIN;
    }
  }

  /**
   * Takes a lock.
   *
   * @param name of the lock
   * @param action what for, shown to whoever waits
   * @throws LockedException when another tool kept it for long, or the line was too long
   */
  public TopoLock take(String name, String action, Task task, StopSignal stop) {
    stop.check();
    LockWait wait =
        new LockWait(
            settings.foreignLockWait(),
            settings.lockWait(),
            holder -> without(NoLock.WAITING, task, name, stop).waitsFor(holder));
    try {
      return topo.lockName(name, action, settings.lockTtl(), wait);
    } catch (TopoException e) {
      if (e.kind() != TopoException.Kind.TIMEOUT) {
        throw e;
      }
      boolean untouched = histories.of(task).isEmpty();
      if (untouched) {
        without(NoLock.GIVEN_UP, task, name, stop)
            .refused(Status.Code.DEADLINE_EXCEEDED.name(), Failures.message(e));
      }
      throw new LockedException(e, untouched);
    }
  }

  /** A run that holds no lock: it can tell what it waits for or its end, and do nothing. */
  private Run without(long token, Task task, String name, StopSignal stop) {
    NoLock lock = new NoLock(name, token);
    return new Run(task, new RunHistory(List.of()), lock, name, sink, stop, instance, clock);
  }
}

package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.Position;
import dev.shunt.schemas.StreamState;
import dev.shunt.service.Durations;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been committed of each stream, for those who wait: woken by the commit itself. Also
 * notifies listeners of the streams that changed.
 */
public final class StreamBoard {
  private static final Logger log = LoggerFactory.getLogger(StreamBoard.class);

  /** What is known of a stream. */
  private record Entry(@Nullable Position position, StreamState state, String message) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Integer, Entry> entries = new HashMap<>();
  private final Map<Integer, Integer> waiting = new HashMap<>();
  private final List<IntConsumer> listeners = new CopyOnWriteArrayList<>();
  private boolean open;

  /** Lets callers wait for positions. */
  public void open() {
    set(() -> open = true);
  }

  /** Wakes everybody with an error. */
  public void close() {
    set(() -> {
      open = false;
      entries.clear();
    });
  }

  private void set(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A row as it was read from the database. */
  public void put(StreamRow row) {
    Position position = row.position().isEmpty() ? null : Position.parse(row.position());
    set(() -> entries.put(row.id(), new Entry(position, row.state(), "")));
    notifyListeners(row.id());
  }

  /** Forgets a stream that is gone; who waits for it gets an error. */
  public void remove(int id) {
    set(() -> entries.remove(id));
    notifyListeners(id);
  }

  /** Takes note of a position that was committed. */
  public void position(int id, Position position) {
    set(() ->
        entries.computeIfPresent(
            id,
            (same, old) ->
                new Entry(behind(old.position(), position), old.state(), old.message())));
    notifyListeners(id);
  }

  /** A position, and where its text does not have all, what is known to lie before it. */
  private static Position behind(@Nullable Position before, Position position) {
    return before != null && !before.isTextComplete() && position.prefix().equals(before.prefix())
        ? before.followedBy(position)
        : position;
  }

  /** Takes note of a state that was committed, and why it is so. */
  public void state(int id, StreamState state, String message) {
    set(() ->
        entries.computeIfPresent(id, (same, old) -> new Entry(old.position(), state, message)));
    notifyListeners(id);
  }

  /** Something else of the row changed, for instance the progress of its copy. */
  public void notifyListeners(int id) {
    for (IntConsumer listener : listeners) {
      try {
        listener.accept(id);
      } catch (RuntimeException e) {
        log.atWarn().addKeyValue("stream", id).setCause(e).log("a listener failed");
      }
    }
  }

  /** Gives a listener the ids of streams that change, until it is closed. */
  public AutoCloseable watch(IntConsumer listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Whether somebody waits for a position of the stream. */
  public boolean isAwaited(int id) {
    lock.lock();
    try {
      return waiting.containsKey(id);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link dev.shunt.tablet.VReplicationEngine#waitForPosition}. */
  public void await(int id, String wanted, Duration timeout, Runnable wake)
      throws InterruptedException {
    Position position = parse(wanted);
    beginWaiting(id);
    try {
      wake.run(); // not under the lock: who is woken may be about to report something
      awaitReached(id, wanted, position, timeout);
    } finally {
      endWaiting(id);
    }
  }

  private void beginWaiting(int id) {
    set(() -> waiting.merge(id, 1, Integer::sum));
  }

  private void endWaiting(int id) {
    set(() -> waiting.computeIfPresent(id, (same, count) -> count == 1 ? null : count - 1));
  }

  private void awaitReached(int id, String wanted, Position position, Duration timeout)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = timeout.toNanos();
      while (!reached(id, position)) {
        if (nanos <= 0) {
          throw new RpcException(
              Status.Code.DEADLINE_EXCEEDED,
              "stream %d did not reach %s within %s; it is at %s"
                  .formatted(id, wanted, Durations.text(timeout), describe(id)));
        }
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  private static Position parse(String wanted) {
    try {
      return Position.parse(wanted);
    } catch (IllegalArgumentException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  private boolean reached(int id, Position wanted) {
    if (!open) {
      throw new RpcException(Status.Code.UNAVAILABLE, "vreplication engine is closed");
    }
    Entry entry = entries.get(id);
    if (entry == null) {
      throw new RpcException(Status.Code.NOT_FOUND, "no stream with id " + id);
    }
    if (entry.position() != null && entry.position().atLeast(wanted)) {
      return true;
    }
    if (entry.state().halted()) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "replication has stopped at %s before reaching position %s, message: %s"
              .formatted(describe(id), wanted.encoded(), entry.message()));
    }
    return false;
  }

  private String describe(int id) {
    Entry entry = entries.get(id);
    return entry == null || entry.position() == null ? "no position" : entry.position().encoded();
  }
}

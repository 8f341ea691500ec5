package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.TIMEOUT;

import dev.shunt.time.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One wait in line for a lock: whom it is for by now, and when it is over. */
final class LockLine {
  /** A holder that is there for less is not worth a word. */
  private static final Duration MOMENT = Duration.ofSeconds(2);

  private final LockWait wait;
  private final Time time;
  private final long start;
  private @Nullable LockHolder holder;
  private long since;
  private boolean reported;

  LockLine(LockWait wait, Time time) {
    this.wait = wait;
    this.time = time;
    this.start = time.nanoTime();
  }

  /**
   * The lock is held by this one: reports it when it stays.
   *
   * @throws TopoException TIMEOUT when it was waited for long enough
   */
  void heldBy(LockHolder now) {
    if (holder == null || !holder.key().equals(now.key())) {
      holder = now;
      since = time.nanoTime();
      reported = false;
    }
    if (nanosLeft(now) <= 0) {
      throw new TopoException(
          TIMEOUT,
          "%s is locked for %s; waited for %d ms. If that holder is gone for sure: shunt locks break %s"
              .formatted(now.path(), now.text(), (time.nanoTime() - start) / 1_000_000, now.key()));
    }
    if (!reported && time.nanoTime() - since >= MOMENT.toNanos()) {
      reported = true;
      wait.onHolder().accept(now);
    }
  }

  /** For how long to wait before the holder is looked at again; at least a millisecond. */
  Duration pause() {
    long nanos = holder == null ? 0 : nanosLeft(holder);
    if (!reported) {
      nanos = Math.min(nanos, MOMENT.toNanos());
    }
    return Duration.ofNanos(Math.max(nanos, 1_000_000));
  }

  private long nanosLeft(LockHolder now) {
    long left = wait.line().toNanos() - (time.nanoTime() - start);
    return now.ours() ? left : Math.min(left, wait.others().toNanos() - (time.nanoTime() - since));
  }
}

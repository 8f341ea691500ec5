package dev.shunt.tablet.query;

import dev.shunt.tablet.TabletException;
import io.grpc.Status;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Whether the tablet serves queries, and if not, why. */
public final class ServingState {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long version;
  private String reason = "the tablet is starting";

  /** The tablet serves. */
  public void serve() {
    set("");
  }

  /** The tablet doesn't serve, for this reason. */
  public void refuse(String why) {
    set(why);
  }

  private void set(String why) {
    lock.lock();
    try {
      if (!reason.equals(why)) {
        reason = why;
        version++;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Why it doesn't serve; empty when it does. */
  public String reason() {
    lock.lock();
    try {
      return reason;
    } finally {
      lock.unlock();
    }
  }

  /** Grows with each change. */
  long version() {
    lock.lock();
    try {
      return version;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes sure that the tablet serves.
   *
   * @throws TabletException UNAVAILABLE when it doesn't
   */
  public void check() {
    String why = reason();
    if (!why.isEmpty()) {
      throw new TabletException(
          Status.Code.UNAVAILABLE, "operation not allowed in state NOT_SERVING: " + why);
    }
  }

  /** Waits for a change after a version, at most so long. */
  void awaitChange(long seen, long nanos) throws InterruptedException {
    long remaining = nanos;
    lock.lockInterruptibly();
    try {
      while (version == seen && remaining > 0) {
        remaining = changed.awaitNanos(remaining);
      }
    } finally {
      lock.unlock();
    }
  }
}

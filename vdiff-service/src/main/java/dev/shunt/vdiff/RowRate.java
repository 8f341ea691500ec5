package dev.shunt.vdiff;

import dev.shunt.time.Time;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/** Holds readers of rows back to a number of rows a second, all of them together. */
final class RowRate {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Time time;

  /** Guards all that follow. */
  private final ReentrantLock lock = new ReentrantLock();

  private long rowsPerSecond;
  private long due;
  private CompletableFuture<Boolean> changed = new CompletableFuture<>();

  /** No limit yet. */
  RowRate(Time time) {
    this.time = time;
  }

  /** From now on as many rows a second; 0 for no limit. Who waits by an earlier one goes on. */
  void limit(long rows) {
    lock.lock();
    try {
      rowsPerSecond = rows;
      due = time.nanoTime();
      changed.complete(true);
      changed = new CompletableFuture<>();
    } finally {
      lock.unlock();
    }
  }

  /** Rows were read: waits as long as they should have taken. */
  void took(int rows) throws InterruptedException {
    Duration wait;
    CompletableFuture<Boolean> unlessChanged;
    lock.lock();
    try {
      if (rowsPerSecond == 0) {
        return;
      }
      long now = time.nanoTime();
      due = (due - now > 0 ? due : now) + (long) ((double) rows * SECOND / rowsPerSecond);
      wait = Duration.ofNanos(due - now);
      unlessChanged = changed;
    } finally {
      lock.unlock();
    }
    boolean unused = time.await(unlessChanged, wait);
  }
}

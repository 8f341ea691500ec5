package dev.shunt.time;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A time that goes on only when it is moved: by a test, or, when it {@link #skipping() skips}, by
 * each wait, which then is over at once.
 */
public final class ManualTime implements Time {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final boolean skips;
  private final ReentrantLock lock = new ReentrantLock();
  private final TreeMap<Long, CompletableFuture<Void>> alarms = new TreeMap<>();
  private long nanos;

  private ManualTime(boolean skips) {
    this.skips = skips;
  }

  /** One that stands still until it is {@link #advance advanced}. */
  public static ManualTime stopped() {
    return new ManualTime(false);
  }

  /** One in which waits take no time of the test: each moves it to its own end. */
  public static ManualTime skipping() {
    return new ManualTime(true);
  }

  /** Moves it on; what waits until then goes on, in the order of its time. */
  public void advance(Duration by) {
    lock.lock();
    try {
      long until = nanos + by.toNanos();
      while (!alarms.isEmpty() && alarms.firstKey() <= until) {
        Map.Entry<Long, CompletableFuture<Void>> next = alarms.pollFirstEntry();
        nanos = next.getKey();
        next.getValue().complete(null);
      }
      nanos = until;
    } finally {
      lock.unlock();
    }
  }

  /** How many moments are waited for. */
  public int waits() {
    lock.lock();
    try {
      return alarms.size();
    } finally {
      lock.unlock();
    }
  }

  /** How long it has gone on since the beginning. */
  public Duration passed() {
    return Duration.ofNanos(nanoTime());
  }

  @Override
  public Instant instant() {
    return START.plus(passed());
  }

  @Override
  public long nanoTime() {
    lock.lock();
    try {
      return nanos;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    waitFor(alarm(time));
  }

  @Override
  public boolean await(CompletableFuture<?> end, Duration limit) throws InterruptedException {
    if (!end.isDone()) {
      CompletableFuture<Void> alarm = alarm(limit);
      waitFor(CompletableFuture.anyOf(end.handle((result, failure) -> true), alarm));
    }
    return end.isDone();
  }

  /** Ends once so much time has gone by. */
  private CompletableFuture<Void> alarm(Duration in) {
    lock.lock();
    try {
      long at = nanos + Math.max(0, TimeUnit.NANOSECONDS.convert(in));
      if (skips) {
        nanos = at;
      }
      return at <= nanos
          ? CompletableFuture.completedFuture(null)
          : alarms.computeIfAbsent(at, moment -> new CompletableFuture<>());
    } finally {
      lock.unlock();
    }
  }

  private static void waitFor(CompletableFuture<?> end) throws InterruptedException {
    try {
      var unused = end.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}

package dev.shunt.time;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The time of this machine, in which nobody sleeps: each sleep is over at once and moves it on by
 * its length. What is awaited is really waited for, as somebody else may be working on it.
 */
public final class HurriedTime implements Time {
  private final AtomicLong skipped = new AtomicLong();

  @Override
  public Instant instant() {
    return Time.system().instant().plusNanos(skipped.get());
  }

  @Override
  public long nanoTime() {
    return Time.system().nanoTime() + skipped.get();
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    var unused = skipped.addAndGet(Math.max(0, time.toNanos()));
  }

  @Override
  public boolean await(CompletableFuture<?> end, Duration limit) throws InterruptedException {
    return Time.system().await(end, limit);
  }
}

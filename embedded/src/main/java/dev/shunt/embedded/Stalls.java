package dev.shunt.embedded;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long this machine left a process without a processor: how much longer a thread slept than it
 * wanted to, in all, since this was made. What has to happen within a time is held against that
 * time and this one, so that a test says nothing of a machine that was busy with others.
 */
public final class Stalls implements AutoCloseable {
  private static final Duration NAP = Duration.ofMillis(10);

  private final AtomicLong nanos = new AtomicLong();
  private final Thread thread = new Thread(this::watch, "stalls");

  /** Begins to watch. */
  public Stalls() {
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    long last = System.nanoTime();
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(NAP);
      } catch (InterruptedException e) {
        return;
      }
      long now = System.nanoTime();
      nanos.addAndGet(Math.max(0, now - last - NAP.toNanos()));
      last = now;
    }
  }

  /** Their sum up to now. */
  public Duration sum() {
    return Duration.ofNanos(nanos.get());
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

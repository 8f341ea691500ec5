package dev.shunt.time;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;

/**
 * Now, how long something takes, and waits. {@link #instant()} and {@link #millis()} are the time
 * of day, for what is stored or shown: it may step. What is waited for is measured by {@link
 * #nanoTime()}. Safe for use by many threads.
 */
public interface Time extends InstantSource {
  /** The time of this machine. */
  static Time system() {
    return SystemTime.INSTANCE;
  }

  /** Nanoseconds since some moment: only differences mean something. It never steps. */
  long nanoTime();

  /**
   * Waits; not at all when the time is not positive.
   *
   * @throws InterruptedException when the thread is or was interrupted
   */
  void sleep(Duration time) throws InterruptedException;

  /**
   * Waits until something has ended, however it ended, at most for so long. The only wait with a
   * limit: what else could end a wait completes a future, as that can say so to whoever waits.
   *
   * @return whether it has ended
   * @throws InterruptedException when interrupted while waiting
   */
  boolean await(CompletableFuture<?> end, Duration limit) throws InterruptedException;
}

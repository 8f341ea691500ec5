package dev.shunt.mysql;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long one thing at a time may wait on a channel, which knows no limit itself. A single thread
 * looks after all of them: when the time of a wait is over it closes the channel. It looks at the
 * earliest when a limit may have passed, so that most waits cost no more than reading the clock.
 */
final class WaitLimit {
  private static final ScheduledThreadPoolExecutor WATCH = watch();

  private final Runnable close;
  private long nanos;
  private long due;
  private boolean waiting;
  private boolean passed;
  private @Nullable Future<?> look;

  /**
   * Without a limit.
   *
   * @param close closes the channel; it may be run by another thread while one waits
   */
  WaitLimit(Runnable close) {
    this.close = close;
  }

  /** What waits on the channel. */
  @FunctionalInterface
  interface Wait {
    int run() throws IOException;
  }

  /** Limits the waits that begin from now on; zero for no limit. */
  synchronized void set(Duration limit) {
    clear();
    nanos = limit.toNanos();
  }

  /** Lets go of the watch. */
  synchronized void clear() {
    if (look != null) {
      look.cancel(false);
      look = null;
    }
  }

  /**
   * Runs what waits; that the channel was closed is reported in the words of a TCP socket.
   *
   * @param what names it in the failure, such as {@code Read}
   * @throws SocketTimeoutException when its time was over, even where it ended just then
   * @throws SocketException when the channel was closed by somebody else, or is closed
   */
  int during(String what, Wait wait) throws IOException {
    begin();
    int result = 0;
    @Nullable ClosedChannelException closed = null;
    try {
      result = wait.run();
    } catch (ClosedChannelException e) {
      closed = e;
    } finally {
      end();
    }
    if (hasPassed()) {
      SocketTimeoutException late = new SocketTimeoutException(what + " timed out");
      late.initCause(closed);
      throw late;
    }
    if (closed != null) {
      throw new SocketException(
          closed instanceof ClosedByInterruptException ? "Closed by interrupt" : "Socket closed",
          closed);
    }
    return result;
  }

  private synchronized void begin() {
    if (nanos > 0) {
      due = System.nanoTime() + nanos;
      waiting = true;
      if (look == null) {
        look = WATCH.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
      }
    }
  }

  private synchronized void end() {
    waiting = false;
  }

  private synchronized boolean hasPassed() {
    return passed;
  }

  private void look() {
    if (isOver()) {
      close.run();
    }
  }

  /** Whether the wait is over its limit; the next look is arranged if one is going on. */
  private synchronized boolean isOver() {
    look = null;
    if (!waiting) {
      return false;
    }
    long left = due - System.nanoTime();
    if (left > 0) {
      look = WATCH.schedule(this::look, left, TimeUnit.NANOSECONDS);
      return false;
    }
    passed = true;
    return true;
  }

  private static ScheduledThreadPoolExecutor watch() {
    ScheduledThreadPoolExecutor watch =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("socket-limits").factory());
    watch.setRemoveOnCancelPolicy(true);
    return watch;
  }
}

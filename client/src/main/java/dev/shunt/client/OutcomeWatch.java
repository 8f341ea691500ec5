package dev.shunt.client;

import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.SignalSent;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The events of one command, as far as one waiter has seen them. */
final class OutcomeWatch {
  private final Consumer<Event> listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long fence;
  private boolean admitted;
  private boolean alreadyEnded;
  private @Nullable CommandResult result;

  OutcomeWatch(Consumer<Event> listener) {
    this.listener = listener;
  }

  /** Takes the next event of the command. */
  void see(Event event) {
    lock.lock();
    try {
      if (event.header().fence() >= fence || !isOutcome(event)) {
        fold(event);
        fence = Math.max(fence, event.header().fence());
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
    Listeners.call(listener, event);
  }

  /** An outcome published by a run that has been superseded does not count. */
  private static boolean isOutcome(Event event) {
    return event instanceof CommandSucceeded
        || event instanceof CommandFailed
        || event instanceof CommandRefused;
  }

  private void fold(Event event) {
    if (event instanceof CommandAdmitted || event instanceof SignalSent) {
      admitted = true;
    } else if (event instanceof CommandDuplicate duplicate) {
      admitted = true;
      alreadyEnded = alreadyEnded || duplicate.original() != null;
    } else if (result == null) {
      result = resultOf(event);
    }
  }

  /** What an event says about the end of its command; null when it says nothing. */
  private static @Nullable CommandResult resultOf(Event event) {
    if (event instanceof CommandSucceeded ok) {
      return new CommandResult.Succeeded(
          ok.summary(), ok.lines(), ok.attributes(), ok.header().at());
    }
    if (event instanceof CommandRefused refused) {
      return new CommandResult.Refused(refused.code(), refused.message());
    }
    return event instanceof CommandFailed failed
        ? new CommandResult.Failed(failed.code(), failed.message())
        : null;
  }

  /**
   * Waits until the command has ended, or is known to have ended before this watch began.
   *
   * @return the result; Pending when the time is over or it ended before
   */
  CommandResult awaitEnd(Duration timeout) {
    return await(() -> result != null || alreadyEnded, timeout);
  }

  /** As {@link #awaitEnd}, or until it is admitted. */
  CommandResult awaitAdmission(Duration timeout) {
    return await(() -> result != null || admitted, timeout);
  }

  /** Whether somebody published that the command had ended before. */
  boolean endedBefore() {
    lock.lock();
    try {
      return alreadyEnded && result == null;
    } finally {
      lock.unlock();
    }
  }

  private CommandResult await(BooleanSupplier enough, Duration timeout) {
    lock.lock();
    try {
      long nanos = timeout.toNanos();
      while (!enough.getAsBoolean() && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return current();
  }

  private CommandResult current() {
    lock.lock();
    try {
      return result != null ? result : new CommandResult.Pending(admitted);
    } finally {
      lock.unlock();
    }
  }
}

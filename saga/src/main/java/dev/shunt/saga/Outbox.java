package dev.shunt.saga;

import dev.shunt.schemas.Event;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events of a run on their way to the log, in order. What the log did not take stays here and is
 * sent again with what comes next. Used by the run's thread, which may let another one send.
 */
final class Outbox {
  private static final Logger log = LoggerFactory.getLogger(Outbox.class);

  /** Beyond this many, those that are known to be written are forgotten. */
  private static final int MANY = 100;

  private record Sent(Event event, Future<?> written) {}

  private final Function<Event, Future<?>> sink;
  private final String workflow;

  /** Held by who sends, so that all goes in order; guards {@link #sent}. */
  private final ReentrantLock sending = new ReentrantLock();

  /** Added to without {@link #sending}: who only adds does not wait for the log. */
  private final Deque<Event> waiting = new ConcurrentLinkedDeque<>();

  private final List<Sent> sent = new ArrayList<>();

  /**
   * An empty one.
   *
   * @param sink takes an event; its answer is done once the event is on the log
   * @param workflow whose events they are, for messages
   */
  Outbox(Function<Event, Future<?>> sink, String workflow) {
    this.sink = sink;
    this.workflow = workflow;
  }

  /** Keeps an event until {@link #send()} or {@link #flush()}. */
  void hold(Event event) {
    waiting.add(event);
  }

  /**
   * Hands over what waits, without waiting for it to be written. What is not taken goes on waiting,
   * and so does all behind it.
   *
   * @return why not all was taken; null when all was
   */
  @Nullable RuntimeException send() {
    try {
      lock();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new IllegalStateException("interrupted while others were sent", e);
    }
    try {
      if (sent.size() > MANY) {
        sent.removeIf(one -> one.written().state() == Future.State.SUCCESS);
      }
      for (Event event = waiting.peek(); event != null; event = waiting.peek()) {
        try {
          sent.add(new Sent(event, sink.apply(event)));
        } catch (RuntimeException e) {
          return e;
        }
        // No other one: meanwhile all may have given way to the outcome.
        waiting.remove(event);
      }
      return null;
    } finally {
      sending.unlock();
    }
  }

  /**
   * Returns when all is on the log.
   *
   * @throws IllegalStateException when something is not; it waits here then
   * @throws StoppedException when interrupted
   */
  void flush() {
    try {
      lock();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoppedException("interrupted while events were sent");
    }
    try {
      sendAndWait();
    } finally {
      sending.unlock();
    }
  }

  /** An interrupt counts only when the lock has to be waited for. */
  private void lock() throws InterruptedException {
    if (!sending.tryLock()) {
      sending.lockInterruptibly();
    }
  }

  private void sendAndWait() {
    Throwable why = send();
    List<Event> lost = new ArrayList<>();
    for (Sent one : sent) {
      try {
        var unused = one.written().get();
      } catch (ExecutionException e) {
        lost.add(one.event());
        why = e.getCause() == null ? e : e.getCause();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoppedException("interrupted while events were written");
      }
    }
    sent.clear();
    lost.reversed().forEach(waiting::addFirst);
    if (why != null) {
      throw new IllegalStateException("could not write events of " + workflow + ": " + why, why);
    }
  }

  /**
   * Writes the outcome behind all others. One of those that the log does not take, though it takes
   * the outcome, can never be written: that is logged, for it must not keep the command open.
   */
  void end(Event outcome) {
    try {
      flush();
    } catch (IllegalStateException e) {
      List<Event> left = new ArrayList<>();
      for (Event event = waiting.poll(); event != null; event = waiting.poll()) {
        left.add(event);
      }
      waiting.add(outcome);
      flush();
      log.atError()
          .addKeyValue("workflow", workflow)
          .addKeyValue("events", left)
          .setCause(e)
          .log("events could not be written");
      return;
    }
    hold(outcome);
    flush();
  }

  /** How many the log has not taken. */
  int unsent() {
    return waiting.size();
  }
}

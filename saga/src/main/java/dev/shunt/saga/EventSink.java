package dev.shunt.saga;

import dev.shunt.schemas.Event;

/** Where runs tell what happened. Safe for use by many threads. */
public interface EventSink {
  /** Hands an event over, in order with others of its workflow; does not wait. */
  void send(Event event);

  /**
   * Waits until all that this thread's run has sent is on the log.
   *
   * @throws IllegalStateException when an event could not be written
   */
  void flush();
}

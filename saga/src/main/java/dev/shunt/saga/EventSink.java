package dev.shunt.saga;

import dev.shunt.schemas.Event;
import java.util.concurrent.Future;

/** Where runs publish what happened. Safe for use by many threads. */
public interface EventSink {
  /**
   * Hands an event over, in order with others of its workflow; does not wait.
   *
   * @param traceparent trace context of the command; empty when it has none
   * @return done once the event is on the log; fails when it could not be written
   */
  Future<?> send(Event event, String traceparent);
}

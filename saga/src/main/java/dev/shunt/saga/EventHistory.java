package dev.shunt.saga;

import dev.shunt.schemas.Event;
import java.util.List;

/** What earlier runs of a task have published. */
public interface EventHistory {
  /**
   * Events that the task's command caused, in log order, up to now.
   *
   * @throws UnreadableEventException when there is one that can't be read
   */
  List<Event> of(Task task);
}

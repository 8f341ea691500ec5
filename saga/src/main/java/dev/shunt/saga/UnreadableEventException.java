package dev.shunt.saga;

import dev.shunt.schemas.Event;
import java.util.List;

/** An event that names the command of a task can't be read: what a run has done is not known. */
public final class UnreadableEventException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Event> others;

  /**
   * Makes one.
   *
   * @param others the command's events that can be read, in log order
   */
  public UnreadableEventException(String message, List<Event> others, Throwable cause) {
    super(message, cause);
    this.others = List.copyOf(others);
  }

  /** The command's events that can be read, in log order. */
  public List<Event> others() {
    return others;
  }
}

package dev.shunt.saga;

/** Performs tasks; called on a thread of its own for each, never twice at once for one workflow. */
public interface TaskHandler {
  /** How a run of a task ended. */
  enum Result {
    /** The outcome is on the log. */
    FINISHED,
    /** There is no outcome; the task is to be run again while it is this instance's. */
    AGAIN,
    /** Asked to stop before there was an outcome; whoever owns the task next goes on. */
    STOPPED
  }

  /**
   * Runs a task. It may have been run before, here or elsewhere, up to any point.
   *
   * @param task what to do
   * @param stop tells when to stop
   */
  Result handle(Task task, StopSignal stop);
}

package dev.shunt.workflow.plan;

import java.util.Locale;

/**
 * What a step of a plan ensures, and how it is carried out; that is stated here and nowhere else.
 * Implemented by an enum for each kind of plan.
 */
public interface PlanAction {
  /** On which side of the point of no return a step stands. */
  enum Kind {
    /** Before it: undone when a later step fails. */
    REVERSIBLE,
    /** The point of no return itself: holds whole or not at all. */
    DECISIVE,
    /** Behind it: repeated until it holds, never undone. */
    FORWARD_ONLY
  }

  /** Name of the constant. */
  String name();

  /** On which side of the point of no return it stands. */
  Kind kind();

  /**
   * Whether it belongs to the section from the denial of writes to the end of the switch, in which
   * nothing is sent to Kafka and a request to stop waits. Writes flow again before its end.
   */
  default boolean inPause() {
    return false;
  }

  /**
   * Name of the step in events and logs, by which later runs find it: {@code stop-streams}. It is
   * part of the contract of the log and does not change.
   */
  default String stepName() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

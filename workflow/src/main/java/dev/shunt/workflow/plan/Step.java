package dev.shunt.workflow.plan;

import java.util.List;
import java.util.Locale;

/**
 * One step of a plan: it ensures that something holds, and may run twice.
 *
 * @param action what it ensures
 * @param kind on which side of the point of no return it stands
 * @param dryRunLines what a dry run prints for it; may be empty
 * @param <A> actions of the plan
 */
public record Step<A extends Enum<A>>(A action, Kind kind, List<String> dryRunLines) {
  /** On which side of the point of no return a step stands. */
  public enum Kind {
    /** Before it: undone when a later step fails. */
    REVERSIBLE,
    /** The point of no return itself: holds whole or not at all. */
    DECISIVE,
    /** Behind it: repeated until it holds, never undone. */
    FORWARD_ONLY
  }

  public Step {
    dryRunLines = List.copyOf(dryRunLines);
  }

  /** Name in events and logs: {@code wait-for-catch-up}. */
  public String name() {
    return nameOf(action);
  }

  /** Name of the step that ensures this. */
  public static String nameOf(Enum<?> action) {
    return action.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

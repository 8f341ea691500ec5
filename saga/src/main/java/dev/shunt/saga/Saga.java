package dev.shunt.saga;

import java.util.List;

/**
 * What a task comes to: steps in order, and what to say once they all hold.
 *
 * @param steps the steps; none when there is only something to answer
 * @param undos what is taken back when a step fails before the point of no return
 * @param decided whether the point of no return is behind already, so that nothing is taken back
 * @param ending tells the log of the new state of the workflow and words the success
 */
public record Saga(List<Step> steps, Undos undos, boolean decided, Ending ending) {
  public Saga {
    steps = List.copyOf(steps);
  }

  /** As the steps go, taken back in the opposite order. */
  public Saga(List<Step> steps, boolean decided, Ending ending) {
    this(steps, Undos.reversed(steps), decided, ending);
  }

  /** Called when all steps hold. */
  @FunctionalInterface
  public interface Ending {
    Success finish(Run run) throws Exception;
  }

  /** Steps that have not passed the point of no return. */
  public static Saga of(List<Step> steps, Ending ending) {
    return new Saga(steps, false, ending);
  }

  /** An answer that needs no step. */
  public static Saga answer(Success success) {
    return new Saga(List.of(), true, run -> success);
  }
}

package dev.shunt.saga;

import dev.shunt.workflow.plan.Plan;
import dev.shunt.workflow.plan.PlanAction;
import dev.shunt.workflow.plan.PlannedStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a task comes to: steps in order, and what to say once they all hold.
 *
 * @param steps the steps; none when there is only something to answer
 * @param undos what is taken back when a step fails before the point of no return
 * @param decided whether the point of no return is behind already, so that nothing is taken back
 * @param ending publishes the new state of the workflow and words the success
 */
public record Saga(List<Step> steps, Undos undos, boolean decided, Ending ending) {
  public Saga {
    steps = List.copyOf(steps);
  }

  /** Called when all steps hold. */
  @FunctionalInterface
  public interface Ending {
    Success finish(Run run) throws Exception;
  }

  /**
   * A plan with what its actions do.
   *
   * @param effects asked once for the action of each step, in the order of the plan
   * @param decided whether an earlier run has passed the point of no return
   */
  public static <A extends PlanAction> Saga of(
      Plan<A> plan, Function<A, Effect> effects, boolean decided, Ending ending) {
    List<Step> steps = new ArrayList<>();
    Map<A, Effect> byAction = new LinkedHashMap<>();
    for (PlannedStep<A> planned : plan.steps()) {
      Effect effect = effects.apply(planned.action());
      steps.add(new Step(planned, effect));
      byAction.put(planned.action(), effect);
    }
    return new Saga(steps, Undos.of(plan.undos(), byAction), decided, ending);
  }

  /** An answer that needs no step. */
  public static Saga answer(Success success) {
    return ended(run -> success);
  }

  /** Of a task whose steps all hold, of which earlier runs said so. */
  public static Saga ended(Ending ending) {
    return new Saga(List.of(), Undos.NONE, true, ending);
  }
}

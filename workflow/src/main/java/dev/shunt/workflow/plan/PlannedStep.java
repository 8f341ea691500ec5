package dev.shunt.workflow.plan;

import java.util.List;

/**
 * One step of a plan: it ensures that something holds, and may run twice.
 *
 * @param action what it ensures
 * @param mustSucceed whether it is tried again until it holds, whatever fails: the command does not
 *     end before, as writes may wait for it
 * @param dryRunLines what a dry run prints for it; may be empty
 * @param <A> actions of the plan
 */
public record PlannedStep<A extends PlanAction>(
    A action, boolean mustSucceed, List<String> dryRunLines) {
  public PlannedStep {
    dryRunLines = List.copyOf(dryRunLines);
  }
}

package dev.shunt.workflow.plan;

import dev.shunt.workflow.plan.PlanAction.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a command does, as data: steps in order, and in which order they are taken back. Steps
 * before the decisive one are REVERSIBLE, those behind it FORWARD_ONLY; a plan that decides nothing
 * has only reversible steps. A service adds what each action does and how that is taken back.
 *
 * @param steps the steps
 * @param undos in which order they are taken back
 * @param <A> their actions
 */
public record Plan<A extends PlanAction>(List<PlannedStep<A>> steps, UndoOrder<A> undos) {
  /** IllegalArgumentException when the kinds are out of order. */
  public Plan {
    steps = List.copyOf(steps);
    Kind reached = Kind.REVERSIBLE;
    for (PlannedStep<A> step : steps) {
      Kind kind = step.action().kind();
      boolean second = kind == Kind.DECISIVE && reached != Kind.REVERSIBLE;
      boolean early = kind == Kind.FORWARD_ONLY && reached == Kind.REVERSIBLE;
      if (second || early || kind.compareTo(reached) < 0) {
        throw new IllegalArgumentException(
            "step " + step.action().stepName() + " cannot be " + kind);
      }
      reached = kind;
    }
  }

  /** What a dry run prints; a plan that says nothing changes nothing. */
  public List<String> dryRunLines() {
    List<String> lines = steps.stream().flatMap(step -> step.dryRunLines().stream()).toList();
    return lines.isEmpty() ? List.of("No changes required") : lines;
  }

  static final class Builder<A extends PlanAction> {
    private final List<PlannedStep<A>> steps = new ArrayList<>();

    Builder<A> step(A action, String... dryRunLines) {
      return step(action, List.of(dryRunLines));
    }

    Builder<A> step(A action, List<String> dryRunLines) {
      steps.add(new PlannedStep<>(action, false, dryRunLines));
      return this;
    }

    /** A step that is, or is not, tried again until it holds. */
    Builder<A> step(A action, boolean mustSucceed, String... dryRunLines) {
      steps.add(new PlannedStep<>(action, mustSucceed, List.of(dryRunLines)));
      return this;
    }

    /** Taken back in this order. */
    Plan<A> build(UndoOrder<A> undos) {
      return new Plan<>(steps, undos);
    }
  }
}

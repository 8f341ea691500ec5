package dev.shunt.workflow.plan;

import dev.shunt.workflow.plan.Step.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Steps in order. Those before the decisive one are REVERSIBLE, those behind it FORWARD_ONLY; a
 * plan that decides nothing has only reversible steps.
 *
 * @param steps the steps
 * @param <A> their actions
 */
public record Plan<A extends Enum<A>>(List<Step<A>> steps) {
  /** IllegalArgumentException when the kinds are out of order. */
  public Plan {
    steps = List.copyOf(steps);
    Kind reached = Kind.REVERSIBLE;
    for (Step<A> step : steps) {
      boolean second = step.kind() == Kind.DECISIVE && reached != Kind.REVERSIBLE;
      boolean early = step.kind() == Kind.FORWARD_ONLY && reached == Kind.REVERSIBLE;
      if (second || early || step.kind().compareTo(reached) < 0) {
        throw new IllegalArgumentException("step " + step.name() + " cannot be " + step.kind());
      }
      reached = step.kind();
    }
  }

  /** What a dry run prints; a plan without steps changes nothing. */
  public List<String> dryRunLines() {
    List<String> lines = steps.stream().flatMap(step -> step.dryRunLines().stream()).toList();
    return lines.isEmpty() ? List.of("No changes required") : lines;
  }

  static final class Builder<A extends Enum<A>> {
    private final List<Step<A>> steps = new ArrayList<>();
    private boolean decided;

    Builder<A> step(A action, String... dryRunLines) {
      Kind kind = decided ? Kind.FORWARD_ONLY : Kind.REVERSIBLE;
      steps.add(new Step<>(action, kind, Arrays.asList(dryRunLines)));
      return this;
    }

    Builder<A> decisive(A action, String... dryRunLines) {
      steps.add(new Step<>(action, Kind.DECISIVE, Arrays.asList(dryRunLines)));
      decided = true;
      return this;
    }

    Builder<A> step(A action, List<String> dryRunLines) {
      return step(action, dryRunLines.toArray(String[]::new));
    }

    boolean isEmpty() {
      return steps.isEmpty();
    }

    Plan<A> build() {
      return new Plan<>(steps);
    }
  }
}

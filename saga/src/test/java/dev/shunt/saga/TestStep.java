package dev.shunt.saga;

import dev.shunt.workflow.plan.PlanAction;
import dev.shunt.workflow.plan.PlanAction.Kind;
import dev.shunt.workflow.plan.PlannedStep;
import java.util.List;

/** A step as tests word it: how it is carried out, which is a plan's, and its effect. */
record TestStep(Action action, boolean mustSucceed, Effect effect) {
  /** An action that is in no plan. */
  record Action(String name, Kind kind, boolean inPause) implements PlanAction {
    @Override
    public String stepName() {
      return name;
    }
  }

  /** An action of this name. */
  static PlanAction named(String name) {
    return new Action(name, Kind.REVERSIBLE, false);
  }

  static TestStep of(String name, String detail, Effect.Action ensure) {
    return new TestStep(new Action(name, Kind.REVERSIBLE, false), false, Effect.of(detail, ensure));
  }

  TestStep undoneBy(Effect.Undo undo) {
    return new TestStep(action, mustSucceed, effect.undoneBy(undo));
  }

  TestStep asDecisive() {
    return new TestStep(
        new Action(action.name(), Kind.DECISIVE, action.inPause()), mustSucceed, effect);
  }

  TestStep asQuiet() {
    return new TestStep(new Action(action.name(), action.kind(), true), mustSucceed, effect);
  }

  TestStep thatMustSucceed() {
    return new TestStep(action, true, effect);
  }

  Step step() {
    return new Step(new PlannedStep<>(action, mustSucceed, List.of()), effect);
  }

  private static Undos.Part part(TestStep step) {
    return new Undos.Part(step.action(), step.effect().undo());
  }

  /** Taken back in the opposite order. */
  static Saga saga(List<TestStep> steps, Saga.Ending ending) {
    return saga(steps, reversed(steps), false, ending);
  }

  static Saga saga(List<TestStep> steps, Undos undos, boolean decided, Saga.Ending ending) {
    return new Saga(steps.stream().map(TestStep::step).toList(), undos, decided, ending);
  }

  /** The last one first; each needs that those before it are taken back. */
  static Undos reversed(List<TestStep> steps) {
    return new Undos(withWayBack(steps.reversed()), false);
  }

  /** In an order of their own; none needs another. */
  static Undos eachAlone(List<String> order, List<TestStep> steps) {
    return new Undos(
        order.stream()
            .flatMap(name ->
                withWayBack(steps).stream().filter(part -> part.action().name().equals(name)))
            .toList(),
        true);
  }

  private static List<Undos.Part> withWayBack(List<TestStep> steps) {
    return steps.stream().filter(step -> step.effect().undo() != null).map(TestStep::part).toList();
  }
}

package dev.shunt.saga;

import dev.shunt.workflow.plan.PlanAction;
import dev.shunt.workflow.plan.UndoOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What can be taken back of a saga, in the order of its plan, whoever does so: the run that fails,
 * one that finds what an interrupted run left, or a new owner that can't plan any more.
 *
 * @param parts the first one to be taken back first
 * @param eachAlone whether one that can't be taken back for now holds none of the others up
 */
public record Undos(List<Part> parts, boolean eachAlone) {
  /** Nothing. */
  public static final Undos NONE = new Undos(List.of(), true);

  public Undos {
    parts = List.copyOf(parts);
  }

  /**
   * How one action is taken back.
   *
   * @param action what was ensured
   * @param undo takes it back
   */
  public record Part(PlanAction action, Effect.Undo undo) {
    String name() {
      return action.stepName();
    }

    boolean quiet() {
      return action.inPause();
    }
  }

  /**
   * Those of the effects that have a way back, in the order of a plan.
   *
   * @param effects by action; actions that are not in the order are not taken back
   */
  public static <A extends PlanAction> Undos of(UndoOrder<A> order, Map<A, Effect> effects) {
    List<Part> parts = new ArrayList<>();
    for (A action : order.actions()) {
      Effect effect = effects.get(action);
      if (effect != null && effect.undo() != null) {
        parts.add(new Part(action, effect.undo()));
      }
    }
    return new Undos(parts, order.eachAlone());
  }

  /** Of these the one of an action alone. */
  public Undos only(PlanAction action) {
    return new Undos(
        parts.stream().filter(part -> part.action().equals(action)).toList(), eachAlone);
  }

  /** Those that a run began: named ones, and those that stand by the history. */
  List<Part> begun(Set<String> own, RunHistory history) {
    Set<String> section =
        parts.stream().filter(Part::quiet).map(Part::name).collect(Collectors.toSet());
    return parts.stream()
        .filter(part ->
            own.contains(part.name())
                || history.stands(part.name(), part.quiet() ? section : Set.of(part.name())))
        .toList();
  }
}

package dev.shunt.saga;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What can be taken back of a saga, in the one order in which it is, whoever does so: the run that
 * fails, one that finds what an interrupted run left, or a new owner that can't plan any more.
 *
 * @param steps steps with a way back, the first one to be taken back first
 * @param eachAlone whether one that can't be taken back for now holds none of the others up;
 *     otherwise what comes behind it waits, for it needs that the other is gone
 */
public record Undos(List<Step> steps, boolean eachAlone) {
  /** Nothing. */
  public static final Undos NONE = new Undos(List.of(), true);

  public Undos {
    steps = steps.stream().filter(step -> step.undo() != null).toList();
  }

  /** The last step first; each needs that those before it here are taken back. */
  public static Undos reversed(List<Step> steps) {
    return new Undos(steps.reversed(), false);
  }

  /**
   * In an order of their own; none needs another.
   *
   * @param order names of steps; those that are not among the steps are passed over
   */
  public static Undos eachAlone(List<String> order, Collection<Step> steps) {
    Map<String, Step> byName = new HashMap<>();
    steps.forEach(step -> byName.put(step.name(), step));
    return new Undos(order.stream().map(byName::get).filter(Objects::nonNull).toList(), true);
  }

  /** Those that a run began: named ones, and those that stand by the history. */
  List<Step> begun(Set<String> own, RunHistory history) {
    Set<String> section =
        steps.stream().filter(Step::quiet).map(Step::name).collect(Collectors.toSet());
    return steps.stream()
        .filter(step ->
            own.contains(step.name())
                || history.stands(step.name(), step.quiet() ? section : Set.of(step.name())))
        .toList();
  }
}

package dev.shunt.saga;

import dev.shunt.workflow.plan.PlanAction;
import dev.shunt.workflow.plan.PlanAction.Kind;
import org.jspecify.annotations.Nullable;

/**
 * One step of a saga: it makes sure that something holds, and can be run again when it already
 * does.
 *
 * @param name short name, the same in each run, for instance {@code deny source writes}
 * @param detail what it acts on; also what a later run may need to know of this one
 * @param ensure makes it hold
 * @param undo takes it back, also when {@link #ensure} stopped midway or was taken back before;
 *     null when there is nothing to take back
 * @param decisive once it holds the saga only goes forward
 * @param quiet it belongs to the section in which writes may be refused: nothing is sent to Kafka
 *     and a request to stop waits
 * @param held tried again until it holds, whatever fails: the command does not end before
 */
public record Step(
    String name,
    String detail,
    Action ensure,
    @Nullable Undo undo,
    boolean decisive,
    boolean quiet,
    boolean held) {

  /** Makes something hold; returns what it found or did. */
  @FunctionalInterface
  public interface Action {
    String run(Run run) throws Exception;
  }

  /** Takes something back. */
  @FunctionalInterface
  public interface Undo {
    void run(Run run) throws Exception;
  }

  /** A step that has nothing to take back. */
  public static Step of(String name, String detail, Action ensure) {
    return new Step(name, detail, ensure, null, false, false, false);
  }

  /** The step of a plan, which has nothing to take back: how it is carried out is in the plan. */
  public static Step of(PlanAction action, String detail, Action ensure) {
    return new Step(
        action.stepName(),
        detail,
        ensure,
        null,
        action.kind() == Kind.DECISIVE,
        action.inPause(),
        false);
  }

  /** The step of a plan as one that was begun: it has a way back only. */
  public static Step begun(PlanAction action, String detail, Undo undo) {
    return of(action, detail, run -> "").undoneBy(undo);
  }

  /** This step with a way back. */
  public Step undoneBy(Undo how) {
    return new Step(name, detail, ensure, how, decisive, quiet, held);
  }

  /** This step as the point of no return. */
  Step asDecisive() {
    return new Step(name, detail, ensure, undo, true, quiet, held);
  }

  /** This step as part of the quiet section. */
  Step asQuiet() {
    return new Step(name, detail, ensure, undo, decisive, true, held);
  }

  /** This step as one that is tried again until it holds. */
  public Step asHeld() {
    return new Step(name, detail, ensure, undo, decisive, quiet, true);
  }
}

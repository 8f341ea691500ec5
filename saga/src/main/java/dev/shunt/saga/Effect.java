package dev.shunt.saga;

import org.jspecify.annotations.Nullable;

/**
 * What the action of a plan does in the world, and how that is taken back: all that a service adds
 * to a plan.
 *
 * @param detail what it acts on; also what a later run may need to know of this one
 * @param ensure makes it hold, and can be run again when it already does
 * @param undo takes it back, also when {@link #ensure} stopped midway or was taken back before;
 *     null when there is nothing to take back
 */
public record Effect(String detail, Action ensure, @Nullable Undo undo) {
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

  /** One that acts on what the plan is about. */
  public static Effect of(Action ensure) {
    return of("", ensure);
  }

  /** One that acts on something by name. */
  public static Effect of(String detail, Action ensure) {
    return new Effect(detail, ensure, null);
  }

  /** Puts the detail on the log, for later runs and readers, and changes nothing. */
  public static Effect note(String detail) {
    return of(detail, run -> "");
  }

  /** Nothing: what the action stands for holds by the effects of others. */
  public static Effect nothing(String why) {
    return of(run -> why);
  }

  /** Ends the command. */
  public static Effect failure(RuntimeException why) {
    return of(run -> {
      throw why;
    });
  }

  /** Of an action that an earlier run began: it has a way back only. */
  public static Effect begun(String detail, Undo undo) {
    return note(detail).undoneBy(undo);
  }

  /** This effect with a way back. */
  public Effect undoneBy(Undo how) {
    return new Effect(detail, ensure, how);
  }
}

package dev.shunt.saga;

import dev.shunt.workflow.RefusedException;

/** Turns a task into steps. */
@FunctionalInterface
public interface SagaPlanner {
  /**
   * Looks at the world and plans; changes nothing, but for what a command that ended left behind
   * and nobody else takes back, which it may take back, whether or not it refuses its own. The
   * steps that an earlier run began are among those of this plan: when it fails they are taken back
   * with it.
   *
   * @throws RefusedException when the command can't be carried out as things are
   * @throws RunAgainException when it is not known whether it can
   */
  Saga plan(Run run) throws Exception;

  /**
   * Whether the workflow's lock is held until the end of a run. If not, it is given back when the
   * plan stands, and steps take it where they need it, with {@link Run#underLock}.
   */
  default boolean locksThroughout() {
    return true;
  }

  /**
   * Called before {@link #plan} when earlier runs began steps: what of these must not go on
   * standing while it is planned anew, since writes wait behind it. Made of what the runs
   * published, so that it needs no more of the world than taking it back does; changes nothing by
   * itself.
   */
  default Undos overdue(Run run) throws Exception {
    return Undos.NONE;
  }

  /**
   * Called when {@link #plan} refuses, or keeps failing, though earlier runs began steps: what can
   * be taken back of these, made of what they published. What stands of it by the history is
   * undone, until that holds; then the command fails with the reason.
   *
   * @param why the refusal, or the last failure
   * @throws RunAgainException when this must not end here, for instance because it is decided
   */
  default Undos takingBack(Run run, Exception why) throws Exception {
    if (why instanceof RefusedException) {
      return Undos.NONE;
    }
    throw new RunAgainException("could not look at what an earlier run did", why);
  }
}

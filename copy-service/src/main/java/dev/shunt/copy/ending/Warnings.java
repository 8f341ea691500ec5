package dev.shunt.copy.ending;

import dev.shunt.saga.Details;
import dev.shunt.saga.Effect;
import dev.shunt.saga.Run;
import dev.shunt.workflow.plan.PlanAction;
import java.util.List;

/**
 * What the outcome of an end warns of. It is put on the log before anything is taken away: a run
 * that finds the streams gone could not find it out any more.
 *
 * @param sentences the warnings in order
 */
record Warnings(List<String> sentences) {
  Warnings {
    sentences = List.copyOf(sentences);
  }

  /**
   * Those that an earlier run of the command put on the log; none when it had none.
   *
   * @param step the step that puts them there
   */
  static Warnings onLog(PlanAction step, Run run) {
    return run.history()
        .started(step)
        .map(detail -> Details.values(detail, Warnings.class))
        .orElseGet(() -> new Warnings(List.of()));
  }

  /** Whether there are any. */
  boolean any() {
    return !sentences.isEmpty();
  }

  /** Puts them on the log. */
  Effect effect() {
    return Effect.note(Details.text(this));
  }
}

package dev.shunt.copy.ending;

import dev.shunt.saga.Details;
import dev.shunt.saga.Run;
import dev.shunt.saga.Step;
import java.util.List;

/**
 * What the outcome of an end warns of. It is put on the log before anything is taken away: a run
 * that finds the streams gone could not find it out any more.
 *
 * @param sentences the warnings in order
 */
record Warnings(List<String> sentences) {
  private static final String STEP = "warnings";

  Warnings {
    sentences = List.copyOf(sentences);
  }

  /** Those that an earlier run of the command put on the log; none when it had none. */
  static Warnings onLog(Run run) {
    return run.history()
        .started(STEP)
        .map(detail -> Details.values(detail, Warnings.class))
        .orElseGet(() -> new Warnings(List.of()));
  }

  /** Puts them on the log; no step when there are none. */
  List<Step> steps() {
    return sentences.isEmpty() ? List.of() : List.of(Step.of(STEP, Details.text(this), run -> ""));
  }
}

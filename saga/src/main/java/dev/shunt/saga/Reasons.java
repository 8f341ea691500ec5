package dev.shunt.saga;

import dev.shunt.service.Sentences;
import java.util.HashMap;
import java.util.Map;

/**
 * Tells the log why something does not succeed that is tried again and again: once for each new
 * reason, not once for each try. Used by the run's thread alone.
 */
final class Reasons {
  private final Run run;
  private final Map<String, String> last = new HashMap<>();

  Reasons(Run run) {
    this.run = run;
  }

  /** A try has failed. */
  void failed(String step, Exception why, long sinceNanos) {
    String text = Failures.message(why);
    String known = last.get(step);
    if (known == null || !Sentences.withoutNumbers(known).equals(Sentences.withoutNumbers(text))) {
      last.put(step, text);
      run.stepFailed(step, text, sinceNanos);
    }
  }
}

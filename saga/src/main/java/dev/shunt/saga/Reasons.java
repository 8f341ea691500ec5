package dev.shunt.saga;

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
    if (known == null || !withoutNumbers(known).equals(withoutNumbers(text))) {
      last.put(step, text);
      run.stepFailed(step, text, sinceNanos);
    }
  }

  /** Sentences that differ in their numbers only, such as times and ports, say the same. */
  static String withoutNumbers(String text) {
    return text.replaceAll("[0-9]+", "#");
  }
}

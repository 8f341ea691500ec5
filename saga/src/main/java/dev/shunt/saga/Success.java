package dev.shunt.saga;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a command that succeeded is answered.
 *
 * @param summary one sentence for a person
 * @param lines dry-run lines in order
 * @param attributes further results by name
 */
public record Success(String summary, List<String> lines, Map<String, String> attributes) {
  private static final String BEWARE = ". Beware: ";

  public Success {
    lines = List.copyOf(lines);
    attributes = Map.copyOf(attributes);
  }

  /**
   * This with what a person has to know besides: behind the sentence, or, where there are dry-run
   * lines, before these.
   */
  public Success beware(List<String> warnings) {
    if (warnings.isEmpty()) {
      return this;
    }
    if (lines.isEmpty()) {
      return new Success(summary + BEWARE + String.join(". ", warnings), lines, attributes);
    }
    List<String> more = new ArrayList<>();
    warnings.forEach(warning -> more.add("Beware: " + warning));
    more.addAll(lines);
    return new Success(summary, more, attributes);
  }

  /** Only a sentence. */
  public static Success of(String summary) {
    return new Success(summary, List.of(), Map.of());
  }

  /** A sentence and results by name. */
  public static Success of(String summary, Map<String, String> attributes) {
    return new Success(summary, List.of(), attributes);
  }
}

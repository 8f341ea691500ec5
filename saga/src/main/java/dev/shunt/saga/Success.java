package dev.shunt.saga;

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
  public Success {
    lines = List.copyOf(lines);
    attributes = Map.copyOf(attributes);
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

package dev.shunt.tablet.preflight;

import java.util.List;

/**
 * A line of the checklist that does not hold.
 *
 * @param line which
 * @param severity what it means here
 * @param subject the table or other object; empty when it is the server
 * @param found what is there, with the subject's name
 * @param why why it matters
 * @param remedy statements that mend it, without semicolons; what no statement can do is a comment
 */
public record Finding(
    Line line, Severity severity, String subject, String found, String why, List<String> remedy) {

  public Finding {
    remedy = List.copyOf(remedy);
  }

  static Finding of(Line line, String subject, String found, String... remedy) {
    return new Finding(line, line.severity(), subject, found, line.why(), List.of(remedy));
  }

  static Finding ofServer(Line line, String found, String... remedy) {
    return of(line, "", found, remedy);
  }

  /** Whether no stream may run. */
  public boolean refuses() {
    return severity == Severity.REFUSE;
  }

  /** One sentence: what was found, why it matters, and what mends it. */
  public String text() {
    String said = found + ": " + why;
    return remedy.isEmpty() ? said : said + " [" + String.join("; ", remedy) + "]";
  }
}

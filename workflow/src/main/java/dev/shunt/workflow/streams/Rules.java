package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The rules of a stream, as Vitess reads them: the first that matches a table decides. */
public final class Rules {
  private static final Pattern SLASHES = Pattern.compile("^/+|/+$");

  private Rules() {}

  /** Whether a stream with this filter has a table; a rule that can't be read may match any. */
  public static boolean have(Filter filter, String table) {
    for (Rule rule : filter.getRulesList()) {
      if (matches(rule.getMatch(), table)) {
        return !rule.getFilter().equals("exclude");
      }
    }
    return false;
  }

  private static boolean matches(String match, String table) {
    try {
      return expression(match)
          .map(expression -> Pattern.compile(expression).matcher(table).find())
          .orElseGet(() -> match.equals(table));
    } catch (PatternSyntaxException e) {
      return true;
    }
  }

  /** The regular expression that a rule matches tables by; empty where it names one. */
  public static Optional<String> expression(String match) {
    return match.startsWith("/")
        ? Optional.of(SLASHES.matcher(match).replaceAll(""))
        : Optional.empty();
  }
}

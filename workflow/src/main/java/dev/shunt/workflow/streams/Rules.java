package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** The rules of a stream, as Vitess reads them: the first that matches a table decides. */
public final class Rules {
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
    if (!match.startsWith("/")) {
      return match.equals(table);
    }
    try {
      return Pattern.compile(match.substring(1)).matcher(table).find();
    } catch (PatternSyntaxException e) {
      return true;
    }
  }
}

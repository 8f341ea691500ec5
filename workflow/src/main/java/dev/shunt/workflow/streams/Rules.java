package dev.shunt.workflow.streams;

import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import dev.shunt.workflow.sql.SqlNames;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The rules of a stream, as Vitess reads them: the first that matches a table decides. No pattern
 * matches an internal table.
 */
public final class Rules {
  static final String EXCLUDE = "exclude";

  /**
   * Names of tables that Vitess makes for itself beside those of an application: what becomes of
   * the table, a UUID, a time; before version 20 the first in capitals, and no underscore at the
   * end.
   */
  private static final Pattern INTERNAL =
      Pattern.compile(
          "_vt_([a-z0-9]{3}|HOLD|PURGE|EVAC|DROP)_[0-9a-f]{32}_[0-9]{14}_?",
          Pattern.CASE_INSENSITIVE); // servers may keep names in small letters

  private static final Pattern SLASHES = Pattern.compile("^/+|/+$");

  private Rules() {}

  /** Whether a stream with this filter has a table; a rule that can't be read may match any. */
  public static boolean have(Filter filter, String table) {
    for (Rule rule : filter.getRulesList()) {
      if (matches(rule.getMatch(), table)) {
        return !excludes(rule);
      }
    }
    return false;
  }

  /**
   * What a stream with this filter reads of a table; empty when it has no such table. A rule whose
   * filter is a key range reads the rows whose keyspace ids lie in it.
   */
  public static Optional<String> query(Filter filter, String table) {
    for (Rule rule : filter.getRulesList()) {
      if (matches(rule.getMatch(), table)) {
        return excludes(rule) ? Optional.empty() : Optional.of(query(rule.getFilter(), table));
      }
    }
    return Optional.empty();
  }

  /**
   * What a rule reads of a table.
   *
   * @param filter of the rule: empty for all rows, a key range, or a query
   */
  public static String query(String filter, String table) {
    String all = "select * from " + SqlNames.quoted(table);
    if (filter.isEmpty()) {
      return all;
    }
    return isRange(filter) ? all + " where in_keyrange(" + SqlNames.literal(filter) + ")" : filter;
  }

  /** Whether a filter is a key range, not a query. */
  public static boolean isRange(String filter) {
    return filter.indexOf(' ') < 0 && filter.indexOf('-') >= 0;
  }

  /** Whether a stream leaves out what a rule matches. */
  public static boolean excludes(Rule rule) {
    return rule.getFilter().equals(EXCLUDE);
  }

  /**
   * Whether a table is Vitess's own, such as one of a change of a schema that is under way, or one
   * that waits to be dropped: it moves only where a rule names it.
   */
  public static boolean isInternal(String table) {
    return INTERNAL.matcher(table).matches();
  }

  private static boolean matches(String match, String table) {
    try {
      return expression(match)
          .map(
              expression -> !isInternal(table) && Pattern.compile(expression).matcher(table).find())
          .orElseGet(() -> match.equals(table));
    } catch (PatternSyntaxException e) {
      return true;
    }
  }

  /** Whether a rule of a filter matches tables by a pattern. */
  public static boolean havePatterns(Filter filter) {
    return filter.getRulesList().stream().anyMatch(rule -> expression(rule.getMatch()).isPresent());
  }

  /** The regular expression that a rule matches tables by; empty where it names one. */
  public static Optional<String> expression(String match) {
    return match.startsWith("/")
        ? Optional.of(SLASHES.matcher(match).replaceAll(""))
        : Optional.empty();
  }
}

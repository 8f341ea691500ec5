package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.workflow.sql.FilterSelect;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import io.grpc.Status;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of a stream: which target table is filled from which query on which source table. */
final class StreamFilter {
  private static final String EXCLUDE = "exclude";

  /**
   * One rule.
   *
   * @param target table that is filled
   * @param source table that is read
   * @param query SELECT on it
   */
  private record Rule(String target, String source, String query) {}

  private final Map<String, Rule> byTarget = new LinkedHashMap<>();
  private final Map<String, String> targetOfSource = new LinkedHashMap<>();

  /**
   * @throws TabletException FAILED_PRECONDITION for rules that this engine does not carry out
   */
  StreamFilter(Binlogdata.Filter filter, SqlParser parser) {
    for (Binlogdata.Rule rule : filter.getRulesList()) {
      if (rule.getFilter().equals(EXCLUDE)) {
        continue;
      }
      if (rule.getMatch().startsWith("/")) {
        throw refuse("rules that match tables by pattern can't be carried out: " + rule.getMatch());
      }
      Rule compiled = compile(rule, parser);
      byTarget.put(compiled.target(), compiled);
      if (targetOfSource.put(compiled.source(), compiled.target()) != null) {
        throw refuse("more than one target for source table " + compiled.source());
      }
    }
  }

  private static Rule compile(Binlogdata.Rule rule, SqlParser parser) {
    String table = rule.getMatch();
    String filter = rule.getFilter();
    if (filter.isEmpty()) {
      return new Rule(table, table, "select * from " + SqlText.identifier(table));
    }
    if (filter.indexOf(' ') < 0 && filter.indexOf('-') >= 0) {
      return new Rule(
          table,
          table,
          "select * from " + SqlText.identifier(table) + " where in_keyrange('" + filter + "')");
    }
    try {
      FilterSelect select = parser.parseFilter(filter);
      return new Rule(table, select.table(), filter);
    } catch (SqlException e) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION, "unsupported filter: " + e.getMessage(), e);
    }
  }

  private static TabletException refuse(String message) {
    return new TabletException(Status.Code.FAILED_PRECONDITION, message);
  }

  /** Tables that are filled, in the order of the rules. */
  List<String> targets() {
    return List.copyOf(byTarget.keySet());
  }

  /** The query that a table is copied by. */
  String query(String target) {
    Rule rule = byTarget.get(target);
    if (rule == null) {
      throw refuse("no rule for table " + target);
    }
    return rule.query();
  }

  /** The table that changes of a source table are applied to; null when they are not wanted. */
  @Nullable String targetOf(String source) {
    return targetOfSource.get(source);
  }

  /** The filter to ask the source's changes with, without those of some target tables. */
  Binlogdata.Filter changes(Collection<String> leftOut) {
    Binlogdata.Filter.Builder filter = Binlogdata.Filter.newBuilder();
    byTarget
        .values()
        .forEach(rule -> {
          if (!leftOut.contains(rule.target())) {
            filter.addRules(
                Binlogdata.Rule.newBuilder().setMatch(rule.source()).setFilter(rule.query()));
          }
        });
    return filter.build();
  }
}

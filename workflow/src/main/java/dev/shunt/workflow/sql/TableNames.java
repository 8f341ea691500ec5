package dev.shunt.workflow.sql;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.util.TablesNamesFinder;

/** Finds every table of a statement. */
final class TableNames {
  private TableNames() {}

  static List<TableName> of(Statement statement) {
    return names(statement).stream()
        .map(name -> Expressions.table(new Table(parts(name))))
        .distinct()
        .sorted(Comparator.comparing(TableName::toString))
        .toList();
  }

  private static Set<String> names(Statement statement) {
    try {
      return new TablesNamesFinder<Void>().getTables(statement);
    } catch (UnsupportedOperationException _) {
      // The parser's finder refuses statements that name no tables of their own, such as SET.
      return Set.of();
    }
  }

  /** Splits at dots outside back quotes. */
  private static List<String> parts(String name) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) == '`') {
        quoted = !quoted;
      } else if (name.charAt(i) == '.' && !quoted) {
        parts.add(name.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(name.substring(start));
    return parts;
  }
}

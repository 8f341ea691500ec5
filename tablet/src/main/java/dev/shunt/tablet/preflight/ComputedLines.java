package dev.shunt.tablet.preflight;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lines about columns that a server computes and stores: the target computes them anew, in a
 * session whose time zone and language are not those of the source's sessions.
 */
final class ComputedLines {
  /** Functions that the servers take in such columns and that look at the session. */
  private static final Set<String> BY_SESSION =
      Set.of(
          "from_unixtime", // time zone
          "unix_timestamp",
          "convert_tz",
          "monthname", // language
          "dayname",
          "date_format",
          "aes_encrypt", // block_encryption_mode
          "aes_decrypt");

  private ComputedLines() {}

  /**
   * A column.
   *
   * @param type its type, lower case
   * @param expression what it is computed from; empty where it is not
   */
  private record Column(String name, String type, String expression, boolean stored) {
    boolean computed() {
      return !expression.isEmpty();
    }

    boolean is(String otherType) {
      return type.equals(otherType);
    }
  }

  /** Columns of base tables whose values depend on the session. */
  static List<Finding> judge(MysqlConnection connection, Severity severity, Scope scope) {
    Map<String, List<Column>> tables = new LinkedHashMap<>();
    for (Row row :
        connection
            .execute(
                "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, GENERATION_EXPRESSION,"
                    + " EXTRA LIKE '%STORED%' FROM information_schema.COLUMNS WHERE"
                    + " TABLE_SCHEMA = "
                    + SqlText.literal(scope.database())
                    + one(scope)
                    + " ORDER BY TABLE_NAME, ORDINAL_POSITION")
            .rows()) {
      String expression = row.textOrNull(3);
      tables
          .computeIfAbsent(row.text(0), missing -> new ArrayList<>())
          .add(
              new Column(
                  row.text(1),
                  row.text(2).toLowerCase(Locale.ROOT),
                  expression == null ? "" : plain(connection.flavor(), expression),
                  row.number(4) != 0));
    }
    List<Finding> findings = new ArrayList<>();
    tables.forEach((table, columns) -> {
      if (scope.tables().test(table)) {
        findings.addAll(ofTable(table, columns, severity));
      }
    });
    return findings;
  }

  /** MySQL escapes the quotes in it once more. */
  private static String plain(Flavor server, String expression) {
    return server == Flavor.MYSQL ? expression.replaceAll("\\\\(.)", "$1") : expression;
  }

  /** Asks for no more than one table where one is named. */
  private static String one(Scope scope) {
    return scope
        .listed()
        .filter(listed -> listed.size() == 1)
        .map(listed -> " AND TABLE_NAME = " + SqlText.literal(listed.iterator().next()))
        .orElse("");
  }

  private static List<Finding> ofTable(String table, List<Column> columns, Severity severity) {
    Set<String> bySession = bySession(columns);
    List<Finding> findings = new ArrayList<>();
    for (Column column : columns) {
      if (column.computed() && column.stored()) {
        bySession(column, bySession)
            .ifPresent(by ->
                findings.add(
                    new Finding(
                        Line.COMPUTED_BY_SESSION,
                        severity,
                        table,
                        "the column %s of %s is computed by %s: %s"
                            .formatted(column.name(), table, by, column.expression()),
                        Line.COMPUTED_BY_SESSION.why(),
                        List.of("-- make it a plain column on the target, or VIRTUAL"))));
      }
    }
    return findings;
  }

  /** Columns that say another thing in another session, among them virtual ones of such. */
  private static Set<String> bySession(List<Column> columns) {
    Set<String> found = new HashSet<>();
    int before = -1;
    while (found.size() > before) {
      before = found.size();
      for (Column column : columns) {
        boolean computed = column.computed() && !column.stored();
        if (column.is("timestamp") || (computed && bySession(column, found).isPresent())) {
          found.add(column.name().toLowerCase(Locale.ROOT));
        }
      }
    }
    return found;
  }

  private static Optional<String> bySession(Column column, Set<String> timestamps) {
    return column.is("timestamp")
        ? Optional.of("the time zone of the session")
        : bySession(column.expression(), timestamps);
  }

  /** What an expression depends on, if anything. */
  static Optional<String> bySession(String expression, Set<String> timestamps) {
    List<SqlToken> tokens;
    try {
      tokens = SqlLexer.lex(expression).tokens();
    } catch (SqlSyntaxException e) {
      return Optional.of("an expression that Shunt can't read");
    }
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      boolean called = i + 1 < tokens.size() && tokens.get(i + 1).is('(');
      if (called && BY_SESSION.contains(token.lower())) {
        return Optional.of("the time zone, language or another setting of the session");
      }
      boolean compared = i + 1 < tokens.size() && tokens.get(i + 1).is("is"); // NULL or not
      if (token.kind() == SqlToken.Kind.QUOTED_WORD
          && !called
          && !compared
          && timestamps.contains(token.lower())) {
        return Optional.of("the time zone of the session");
      }
    }
    return Optional.empty();
  }
}

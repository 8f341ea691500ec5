package dev.shunt.tablet.preflight;

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

  /** Units, ends and kinds of literals, which may stand in an expression like names. */
  private static final Set<String> WORDS =
      Set.of(
          "microsecond",
          "second",
          "minute",
          "hour",
          "day",
          "week",
          "month",
          "quarter",
          "year",
          "date",
          "time",
          "timestamp",
          "datetime",
          "end");

  private ComputedLines() {}

  /**
   * A column.
   *
   * @param type its type, lower case
   * @param expression what it is computed from; empty where it is not
   */
  record Column(String name, String type, String expression, boolean stored) {
    boolean computed() {
      return !expression.isEmpty();
    }

    String lowerName() {
      return name.toLowerCase(Locale.ROOT);
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
                  expression == null ? "" : connection.flavor().catalog().expression(expression),
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

  /** Asks for no more than one table where one is named. */
  private static String one(Scope scope) {
    return scope
        .listed()
        .filter(listed -> listed.size() == 1)
        .map(listed -> " AND TABLE_NAME = " + SqlText.literal(listed.iterator().next()))
        .orElse("");
  }

  private static List<Finding> ofTable(String table, List<Column> columns, Severity severity) {
    Dependent dependent = Dependent.among(columns);
    List<Finding> findings = new ArrayList<>();
    for (Column column : columns) {
      if (column.computed() && column.stored()) {
        dependent
            .why(column)
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

  /**
   * Columns that say another thing in another session.
   *
   * @param instants plain ones whose value depends on the time zone, but not whether it is NULL
   * @param computed virtual ones, of which nothing is known
   */
  record Dependent(Set<String> instants, Set<String> computed) {
    static Dependent among(List<Column> columns) {
      Dependent found = new Dependent(new HashSet<>(), new HashSet<>());
      for (Column column : columns) {
        if (column.is("timestamp") && !column.computed()) {
          found.instants.add(column.lowerName());
        }
      }
      boolean more = true;
      while (more) { // one may be made of another that stands behind it
        more = false;
        for (Column column : columns) {
          if (column.computed() && !column.stored() && found.why(column).isPresent()) {
            more |= found.computed.add(column.lowerName());
          }
        }
      }
      return found;
    }

    private Optional<String> why(Column column) {
      return column.is("timestamp")
          ? Optional.of("the time zone of the session")
          : why(column.expression());
    }

    /**
     * What an expression depends on, if anything. A server may print names without quotes, if
     * whoever made the table had that set; behind AS stands a type.
     */
    Optional<String> why(String expression) {
      List<SqlToken> tokens;
      try {
        tokens = SqlLexer.lex(expression).tokens();
      } catch (SqlSyntaxException e) {
        return Optional.of("an expression that Shunt can't read");
      }
      for (int i = 0; i < tokens.size(); i++) {
        SqlToken token = tokens.get(i);
        boolean called = is(tokens, i + 1, "(");
        if (called && BY_SESSION.contains(token.lower())) {
          return Optional.of("the time zone, language or another setting of the session");
        }
        boolean type = is(tokens, i - 1, "as");
        if (isColumn(token) && !called && !type && says(token.lower(), tokens, i + 1)) {
          return Optional.of("the time zone of the session");
        }
      }
      return Optional.empty();
    }

    /** A column that is named like a word of SQL has quotes, whatever is set about these. */
    private static boolean isColumn(SqlToken token) {
      return token.kind() == SqlToken.Kind.QUOTED_WORD
          || (token.isName() && !WORDS.contains(token.lower()));
    }

    private boolean says(String name, List<SqlToken> tokens, int next) {
      boolean onlyIfNull =
          is(tokens, next, "is")
              && (is(tokens, next + 1, "null")
                  || (is(tokens, next + 1, "not") && is(tokens, next + 2, "null")));
      return computed.contains(name) || (instants.contains(name) && !onlyIfNull);
    }

    private static boolean is(List<SqlToken> tokens, int index, String text) {
      return index >= 0 && index < tokens.size() && tokens.get(index).lower().equals(text);
    }
  }
}

package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The triggers, routines and views of a server: what a statement may run or go through without
 * naming it. What is known is forgotten when the log shows a change.
 */
final class ServerCode {
  private static final String NOT_OF_THE_SYSTEM =
      " NOT IN ('mysql','sys','information_schema','performance_schema')";

  /** Every text with its database. */
  private static final String TEXTS =
      "SELECT TRIGGER_SCHEMA, ACTION_STATEMENT FROM information_schema.TRIGGERS"
          + " WHERE TRIGGER_SCHEMA"
          + NOT_OF_THE_SYSTEM
          + " UNION ALL SELECT ROUTINE_SCHEMA, ROUTINE_DEFINITION FROM information_schema.ROUTINES"
          + " WHERE ROUTINE_SCHEMA"
          + NOT_OF_THE_SYSTEM
          + " UNION ALL SELECT TABLE_SCHEMA, VIEW_DEFINITION FROM information_schema.VIEWS"
          + " WHERE TABLE_SCHEMA"
          + NOT_OF_THE_SYSTEM;

  /** Without these an account does not see all of it. */
  private static final String SEES_ALL =
      "SELECT COUNT(DISTINCT PRIVILEGE_TYPE) FROM information_schema.USER_PRIVILEGES WHERE GRANTEE ="
          + " CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')"
          + " AND PRIVILEGE_TYPE IN ('SELECT', 'TRIGGER', 'SHOW VIEW')";

  private static final int ALL = 3;

  private final Supplier<Optional<List<Text>>> read;
  private @Nullable Known known;

  /**
   * A text on the server.
   *
   * @param database where it is
   * @param text empty when the account may not see it
   */
  record Text(String database, String text) {}

  /**
   * What the texts say.
   *
   * @param any whether some text names a table of the stream, or may
   * @param bridged whether a text of another database names the stream's database, or may
   */
  private record Known(boolean any, boolean bridged) {
    static final Known UNSEEN = new Known(true, true);
  }

  ServerCode(MysqlEndpoint endpoint) {
    this(() -> texts(endpoint));
  }

  /**
   * @param read gives all texts; empty when the account does not see them all
   */
  ServerCode(Supplier<Optional<List<Text>>> read) {
    this.read = read;
  }

  /** What was read may hold no more. */
  void forget() {
    known = null;
  }

  /**
   * Whether some code that a statement may run names a table of a stream, or may, as it can't be
   * seen or read.
   *
   * @param database the stream's
   * @param within whether the statement is of that database or names it: another gets there by code
   *     of other databases only
   */
  boolean mayWrite(StreamRules rules, NameRule names, String database, boolean within) {
    Known found = known;
    if (found == null) {
      found = read.get().map(texts -> judge(texts, rules, names, database)).orElse(Known.UNSEEN);
      known = found;
    }
    return found.any() && (within || found.bridged());
  }

  private static Optional<List<Text>> texts(MysqlEndpoint endpoint) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      if (connection.execute(SEES_ALL).only().number(0) < ALL) {
        return Optional.empty();
      }
      return Optional.of(connection.execute(TEXTS).rows().stream().map(ServerCode::text).toList());
    }
  }

  private static Text text(Row row) {
    String text = row.textOrNull(1);
    return new Text(row.text(0), text == null ? "" : text);
  }

  private static Known judge(List<Text> texts, StreamRules rules, NameRule names, String database) {
    boolean any = false;
    boolean bridged = false;
    for (Text text : texts) {
      boolean home = names.same(text.database(), database);
      boolean here = true;
      boolean named = true;
      if (!text.text().isEmpty()) {
        try {
          List<SqlToken> tokens = SqlLexer.lex(text.text()).tokens();
          here = home || tokens.stream().anyMatch(token -> names.same(token.text(), database));
          named = tokens.stream().anyMatch(token -> rules.matches(token.text()));
        } catch (SqlSyntaxException _) {
          // it may name anything
        }
      }
      any |= here && named;
      bridged |= here && !home;
    }
    return new Known(any, bridged);
  }
}

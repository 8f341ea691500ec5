package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Row;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The triggers, routines and views of a server: what a statement may run or go through without
 * naming it. What is known is forgotten when the log tells of a change.
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

  private final MysqlEndpoint endpoint;
  private @Nullable Boolean known;

  ServerCode(MysqlEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /** What was read may hold no more. */
  void forget() {
    known = null;
  }

  /**
   * Whether some code names a table of a stream, or may, as it can't be seen or read.
   *
   * @param database the stream's
   */
  boolean mayWrite(StreamRules rules, String database) {
    if (known == null) {
      known = look(rules, database);
    }
    return known;
  }

  private boolean look(StreamRules rules, String database) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      if (connection.execute(SEES_ALL).only().number(0) < ALL) {
        return true;
      }
      for (Row row : connection.execute(TEXTS).rows()) {
        String text = row.textOrNull(1);
        if (text == null || text.isEmpty() || mayName(text, row.text(0), rules, database)) {
          return true;
        }
      }
      return false;
    }
  }

  private static boolean mayName(String text, String home, StreamRules rules, String database) {
    try {
      List<SqlToken> tokens = SqlLexer.lex(text).tokens();
      boolean here =
          home.equalsIgnoreCase(database)
              || tokens.stream().anyMatch(token -> token.text().equalsIgnoreCase(database));
      return here && tokens.stream().anyMatch(token -> rules.matches(token.text()));
    } catch (SqlSyntaxException e) {
      return true;
    }
  }
}

package dev.shunt.tablet.database;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.workflow.sql.lexer.ExecutableComments;

/** What the server of a connection makes of executable comments. */
public final class ServerComments {
  private ServerComments() {}

  /** The server as far as comments go. */
  public static ExecutableComments.Server server(MysqlConnection connection) {
    return ExecutableComments.Server.of(
        connection.flavor().statements().readsCommentsAsMariaDb(), connection.serverVersion());
  }

  /** A statement as the server reads it. */
  public static String asRead(MysqlConnection connection, String sql) {
    return ExecutableComments.resolve(sql, server(connection));
  }
}

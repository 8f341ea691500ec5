package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.writing.CopySession;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.TableStamp;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import java.util.List;
import java.util.Set;

/**
 * A connection for one of several transactions that are carried out side by side. It locks no gaps
 * between rows, as others write next to them, and waits for others' locks a second at most: they
 * may belong to a transaction that waits for this one outside of the database.
 */
final class DatabaseLane implements ApplyPipeline.Lane {
  private static final String SETTINGS =
      "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;"
          + "SET SESSION innodb_lock_wait_timeout = 1, lock_wait_timeout = 1";

  private final MysqlConnection connection;
  private final PacketLimit limit;

  private DatabaseLane(MysqlConnection connection, PacketLimit limit) {
    this.connection = connection;
    this.limit = limit;
  }

  static DatabaseLane open(MysqlEndpoint database) {
    MysqlConnection connection =
        MysqlConnection.open(database, ConnectOptions.DEFAULT.withFoundRows());
    try {
      CopySession.prepare(connection).executeMulti(SETTINGS);
      return new DatabaseLane(connection, PacketLimit.of(connection));
    } catch (MysqlException e) {
      connection.close();
      throw e;
    }
  }

  /** Whether a server takes such sessions: not where its log can hold statements only. */
  static boolean isPossible(MysqlConnection connection) {
    List<Row> format = connection.execute("SHOW VARIABLES LIKE 'binlog_format'").rows();
    return format.isEmpty() || !"STATEMENT".equalsIgnoreCase(format.getFirst().text(1));
  }

  @Override
  public void run(SqlBuffer statements, Set<TargetTable> tables) {
    List<TableStamp> stamps = TableStamp.of(tables);
    TableStamp.appendTo(statements, stamps);
    TableStamp.demandSame(stamps, limit.run(connection, statements));
  }

  @Override
  public void rollback() {
    connection.execute("ROLLBACK");
  }

  @Override
  public void close() {
    connection.close();
  }

  @Override
  public void kill() {
    try {
      connection.kill();
    } catch (MysqlException e) {
      connection.abort(); // the server is gone, or the connection is
    }
  }
}

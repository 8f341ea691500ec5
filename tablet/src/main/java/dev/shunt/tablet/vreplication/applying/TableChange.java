package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.vreplication.stream.LockWatch;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.writing.CopySession;
import dev.shunt.tablet.vreplication.writing.SecondaryKeys;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.TableName;
import java.util.Collection;
import java.util.List;

/** Carries out on the target what the source did to one of its tables. */
final class TableChange {
  private final StreamContext stream;
  private final MysqlConnection connection;

  /**
   * @param connection the stream's, in no transaction
   */
  TableChange(StreamContext stream, MysqlConnection connection) {
    this.stream = stream;
    this.connection = connection;
  }

  /**
   * Carries a statement out. It is written for tables with all their keys, so keys that were taken
   * off for the copy are put back before.
   *
   * @param copying tables in the middle of their copy
   * @param ignoreErrors whether to go on when the server refuses it
   */
  void carryOut(String ddl, Collection<String> copying, boolean ignoreErrors)
      throws InterruptedException {
    List<String> named = named(ddl, copying);
    for (String table : copying) {
      if (named.contains(table)) {
        new SecondaryKeys(stream, connection).putBackForGood(table);
      }
    }
    String what = "a change of a table can't be made (%s)".formatted(ddl);
    try {
      LockWatch.carryOut(stream, connection, what, () -> CopySession.leniently(connection, ddl));
    } catch (MysqlException e) {
      if (!ignoreErrors || e.connectionLost()) {
        throw e;
      }
    }
  }

  /** The tables that a statement names; all when it can't be read. */
  private List<String> named(String ddl, Collection<String> all) {
    try {
      return stream.parser().tables(ddl).stream().map(TableName::name).toList();
    } catch (SqlException _) {
      return List.copyOf(all);
    }
  }
}

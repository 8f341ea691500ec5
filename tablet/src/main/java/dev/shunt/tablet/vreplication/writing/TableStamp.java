package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.schema.SqlBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a table of the target was when it was looked at, to find out whether it still is: its
 * definition with its own foreign keys, its triggers, and the foreign keys that refer to it.
 *
 * <p>A transaction that has touched a table keeps others from changing it until its end. So each
 * transaction of a stream asks for the stamps of the tables that it touched right before it moves
 * the position on: what it did was planned for the tables as they are, or it is given up.
 *
 * @param database the table's
 * @param table its name
 * @param foreignKeyQuery asks for the foreign keys; may be the same for more than one table
 * @param definition what SHOW CREATE TABLE says, without plain keys and the next AUTO_INCREMENT
 * @param triggers its triggers
 * @param foreignKeys those that refer to it
 */
public record TableStamp(
    String database,
    String table,
    String foreignKeyQuery,
    String definition,
    String triggers,
    String foreignKeys) {
  /** Reads the stamp that a table has now. */
  static TableStamp read(MysqlConnection connection, String database, String table) {
    String keys = connection.flavor().catalog().foreignKeysTo(connection, database, table);
    return new TableStamp(
        database,
        table,
        keys,
        definition(connection.execute(showCreate(database, table))),
        text(connection.execute(showTriggers(database, table))),
        foreignKeys(connection.execute(keys), table));
  }

  /** What a query says of a table: rows with its name, or without one. */
  private static String foreignKeys(QueryResult result, String table) {
    return text(
        result.rows().stream()
            .filter(row -> row.text(0).isEmpty() || row.text(0).equalsIgnoreCase(table))
            .toList());
  }

  private static String showCreate(String database, String table) {
    return "SHOW CREATE TABLE " + SqlText.qualified(database, table);
  }

  private static String showTriggers(String database, String table) {
    return "SELECT TRIGGER_NAME, EVENT_MANIPULATION, ACTION_TIMING FROM"
        + " information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = "
        + SqlText.literal(database)
        + " AND EVENT_OBJECT_TABLE = "
        + SqlText.literal(table)
        + " ORDER BY 1";
  }

  /** Plain keys come and go with a copy, and nothing depends on them. */
  private static String definition(QueryResult shown) {
    String text =
        shown
            .only()
            .text(1)
            .lines()
            .filter(line -> !line.startsWith("  KEY "))
            .map(line -> line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
            .collect(Collectors.joining("\n"));
    int options = text.lastIndexOf("\n)");
    return options < 0
        ? text
        : text.substring(0, options)
            + text.substring(options).replaceAll(" AUTO_INCREMENT=[0-9]+", "");
  }

  private static String text(QueryResult result) {
    return text(result.rows());
  }

  private static String text(List<Row> result) {
    List<String> rows = new ArrayList<>();
    for (Row row : result) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        cells.add(String.valueOf(row.textOrNull(i)));
      }
      rows.add(String.join(",", cells));
    }
    return String.join(";", rows);
  }

  /** Stamps of some tables, each once. */
  public static List<TableStamp> of(Collection<TargetTable> tables) {
    return tables.stream().flatMap(table -> table.stamp().stream()).distinct().toList();
  }

  /**
   * Appends statements that fail where a table has lost its transactions meanwhile: what is written
   * to such a table stays there when the transaction is given up. They stand before the changes of
   * a transaction, with all tables that it changes: a MySQL begins a snapshot with them, so tables
   * that are touched later are not seen as they are by then.
   */
  public static void appendGuards(SqlBuffer sql, List<TableStamp> stamps) {
    appendHolds(sql, stamps);
    appendEngines(sql, stamps);
  }

  /** Appends statements that keep tables as they are until the transaction ends. */
  public static void appendHolds(SqlBuffer sql, List<TableStamp> stamps) {
    for (TableStamp stamp : stamps) {
      sql.separate().append(stamp.hold());
    }
  }

  /** Appends statements that fail where a table is not InnoDB. */
  public static void appendEngines(SqlBuffer sql, List<TableStamp> stamps) {
    for (TableStamp stamp : stamps) {
      sql.separate()
          .append(
              "SET @shunt_engine = ~0 + (SELECT ENGINE <> 'InnoDB' FROM information_schema.TABLES"
                  + " WHERE TABLE_SCHEMA = "
                  + SqlText.literal(stamp.database())
                  + " AND TABLE_NAME = "
                  + SqlText.literal(stamp.table())
                  + ")");
    }
  }

  /** Keeps the table as it is; without reading, as a snapshot would hide what was changed last. */
  private String hold() {
    return "SELECT 1 FROM " + SqlText.qualified(database, table) + " LIMIT 0";
  }

  /**
   * Appends the statements that ask whether all is as it was; they have to be the last ones, of a
   * transaction that holds the tables since before its changes (see {@link #appendGuards}).
   */
  public static void appendTo(SqlBuffer sql, List<TableStamp> stamps) {
    for (TableStamp stamp : stamps) {
      sql.separate().append(showCreate(stamp.database(), stamp.table()));
      sql.separate().append(showTriggers(stamp.database(), stamp.table()));
    }
    for (String query : foreignKeyQueries(stamps)) {
      sql.separate().append(query);
    }
  }

  private static List<String> foreignKeyQueries(List<TableStamp> stamps) {
    return stamps.stream().map(TableStamp::foreignKeyQuery).distinct().toList();
  }

  /**
   * Makes sure that all is as it was.
   *
   * @param results of statements, the last of them those of {@link #appendTo}
   * @throws TargetChangedException when a table is not
   */
  public static void demandSame(List<TableStamp> stamps, List<QueryResult> results) {
    List<String> queries = foreignKeyQueries(stamps);
    int keys = results.size() - queries.size();
    int at = keys - 2 * stamps.size();
    for (TableStamp stamp : stamps) {
      QueryResult referring = results.get(keys + queries.indexOf(stamp.foreignKeyQuery()));
      boolean same =
          stamp.definition().equals(definition(results.get(at)))
              && stamp.triggers().equals(text(results.get(at + 1)))
              && stamp.foreignKeys().equals(foreignKeys(referring, stamp.table()));
      if (!same) {
        throw new TargetChangedException(stamp.table());
      }
      at += 2;
    }
  }

  /** Whether all is as it was; outside of a transaction it may change at once. */
  boolean isSame(MysqlConnection connection) {
    try {
      demandSame(connection, List.of(this));
      return true;
    } catch (TargetChangedException _) {
      return false;
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      return false; // it may not be there any more
    }
  }

  /** As both of them, for statements that were carried out one by one. */
  public static void demandSame(MysqlConnection connection, List<TableStamp> stamps) {
    if (!stamps.isEmpty()) {
      SqlBuffer sql = new SqlBuffer();
      appendTo(sql, stamps);
      demandSame(stamps, connection.executeMulti(sql.toByteArray()));
    }
  }
}

package dev.shunt.tablet.vstreamer;

import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.StatementKind;
import dev.shunt.workflow.sql.TableName;
import java.util.List;
import java.util.Locale;

/** Tells what a statement in the binary log means to one stream. */
final class Statements {
  private final SqlParser parser;
  private final StreamRules rules;
  private final String database;

  /** What a statement means. */
  enum Kind {
    BEGIN,
    COMMIT,
    /** Changes rows of the streamed database by a statement. */
    ROWS,
    /** Changes a table of the stream. */
    DDL_OF_STREAM,
    /** Changes something else. */
    DDL,
    OTHER
  }

  Statements(SqlParser parser, StreamRules rules, String database) {
    this.parser = parser;
    this.rules = rules;
    this.database = database;
  }

  Kind kind(BinlogEvent.Statement statement) {
    String sql = statement.sql();
    String start = sql.substring(0, Math.min(sql.length(), 12)).toUpperCase(Locale.ROOT);
    if (start.startsWith("XA START") || start.startsWith("XA BEGIN")) {
      return Kind.BEGIN;
    }
    StatementKind kind = parser.kind(sql);
    return switch (kind) {
      case BEGIN -> Kind.BEGIN;
      // ROLLBACK stands where changes to tables without transactions could not be undone.
      case COMMIT -> Kind.COMMIT;
      case ROLLBACK -> start.startsWith("ROLLBACK TO") ? Kind.OTHER : Kind.COMMIT;
      case INSERT, REPLACE, UPDATE, DELETE ->
          statement.database().equals(database) && touchesStream(sql, statement.database())
              ? Kind.ROWS
              : Kind.OTHER;
      case DDL -> touchesStream(sql, statement.database()) ? Kind.DDL_OF_STREAM : Kind.DDL;
      case SELECT, SAVEPOINT, SET, USE, SHOW, OTHER -> Kind.OTHER;
    };
  }

  /** Whether a statement names a table of the stream; a statement that can't be read may. */
  private boolean touchesStream(String sql, String defaultDatabase) {
    List<TableName> tables;
    try {
      tables = parser.tables(sql);
    } catch (SqlException e) {
      return defaultDatabase.equals(database) && mentionsTable(sql);
    }
    return tables.stream()
        .anyMatch(table ->
            (table.qualifier().isEmpty() ? defaultDatabase : table.qualifier()).equals(database)
                && rules.matches(table.name()));
  }

  /** CREATE and DROP of databases, users, triggers and the like never change a table's columns. */
  private static boolean mentionsTable(String sql) {
    return sql.toUpperCase(Locale.ROOT).contains("TABLE");
  }
}

package dev.shunt.tablet.vstreamer;

import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.StatementKind;
import dev.shunt.workflow.sql.TableName;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.List;
import java.util.Locale;

/**
 * Tells what a statement in the binary log means to one stream. One that can't be read counts as
 * touching the stream's tables when it names one of them: a change is never passed over in silence.
 */
final class Statements {
  private final SqlParser parser;
  private final StreamRules rules;
  private final String database;

  /** What a statement means. */
  enum Kind {
    BEGIN,
    COMMIT,
    /** The transaction did not happen, but for tables without transactions. */
    ROLLBACK,
    /** A part of the transaction did not happen, but for tables without transactions. */
    PARTIAL_ROLLBACK,
    /** Changes rows of the streamed tables by a statement. */
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
    if (start.startsWith("XA COMMIT") || start.startsWith("XA ROLLBACK")) {
      // The rows came with the XA PREPARE before.
      return Kind.COMMIT;
    }
    StatementKind kind = parser.kind(sql);
    return switch (kind) {
      case BEGIN -> Kind.BEGIN;
      case COMMIT -> Kind.COMMIT;
      case ROLLBACK -> start.startsWith("ROLLBACK TO") ? Kind.PARTIAL_ROLLBACK : Kind.ROLLBACK;
      case INSERT, REPLACE, UPDATE, DELETE -> touchesStream(statement) ? Kind.ROWS : Kind.OTHER;
      // A query is written down only for what a function in it changes, or is WITH … DELETE.
      case SELECT -> touchesStream(statement) || runsHere(statement) ? Kind.ROWS : Kind.OTHER;
      case DDL -> changesTables(statement) ? Kind.DDL_OF_STREAM : Kind.DDL;
      case OTHER -> start.startsWith("LOAD ") && touchesStream(statement) ? Kind.ROWS : Kind.OTHER;
      case SAVEPOINT, SET, USE, SHOW -> Kind.OTHER;
    };
  }

  private boolean touchesStream(BinlogEvent.Statement statement) {
    try {
      return named(parser.tables(statement.sql()), statement.database());
    } catch (SqlException e) {
      return mentions(statement);
    }
  }

  /** Whether a query calls something of the database that may change anything in it. */
  private boolean runsHere(BinlogEvent.Statement statement) {
    try {
      return parser.tables(statement.sql()).isEmpty()
          && (statement.database().equals(database) || statement.sql().contains(database));
    } catch (SqlException e) {
      return mentions(statement);
    }
  }

  private boolean changesTables(BinlogEvent.Statement statement) {
    try {
      return named(parser.tables(statement.sql()), statement.database());
    } catch (SqlException e) {
      // CREATE and DROP of databases, users, triggers and the like change no table's columns.
      return (statement.database().equals(database) || statement.sql().contains(database))
          && statement.sql().toUpperCase(Locale.ROOT).contains("TABLE");
    }
  }

  private boolean named(List<TableName> tables, String defaultDatabase) {
    return tables.stream()
        .anyMatch(table ->
            (table.qualifier().isEmpty() ? defaultDatabase : table.qualifier()).equals(database)
                && rules.matches(table.name()));
  }

  /** Whether the text names a table of the stream, and the database unless it is the default. */
  private boolean mentions(BinlogEvent.Statement statement) {
    List<SqlToken> names;
    try {
      names = SqlLexer.lex(statement.sql()).tokens().stream().filter(SqlToken::isName).toList();
    } catch (SqlSyntaxException e) {
      return true;
    }
    return (statement.database().equals(database)
            || names.stream().anyMatch(name -> name.text().equals(database)))
        && names.stream().anyMatch(name -> rules.matches(name.text()));
  }
}

package dev.shunt.tablet.vstreamer;

import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.tablet.vstreamer.binlog.StatementText;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.StatementKind;
import dev.shunt.workflow.sql.TableDdl;
import dev.shunt.workflow.sql.TableName;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds what a statement in the binary log means to one stream. A statement that changes rows
 * stands there only where a session logs statements in place of rows; it counts as changing rows of
 * the stream unless it surely does not: triggers, functions and views may write to other tables
 * than it names. So does one that can't be read: a change is never passed over in silence.
 */
final class Statements {
  /** First words of statements that change no rows and define no tables. */
  private static final Set<String> HARMLESS =
      Set.of(
          "",
          "cache",
          "change",
          "check",
          "checksum",
          "clone",
          "flush",
          "grant",
          "install",
          "kill",
          "lock",
          "optimize",
          "purge",
          "release",
          "repair",
          "reset",
          "revoke",
          "savepoint",
          "set",
          "show",
          "shutdown",
          "stop",
          "uninstall",
          "unlock",
          "use",
          "xa");

  private static final Set<String> BRACKETS =
      Set.of("begin", "start", "savepoint", "release", "xa", "commit", "rollback");

  private static final Set<StatementKind> CHANGES =
      Set.of(
          StatementKind.INSERT, StatementKind.REPLACE, StatementKind.UPDATE, StatementKind.DELETE);

  /** The server's own database. */
  private static final String SYSTEM = "mysql";

  /** Reserved words that a parenthesis may follow. */
  private static final Set<String> BEFORE_LISTS = Set.of("values", "in", "and", "or", "where");

  private final SqlParser parser;
  private final StreamRules rules;
  private final NameRule names;
  private final String database;
  private final ServerCode code;

  /** What a statement means. */
  enum Kind {
    BEGIN,
    COMMIT,
    /** A transaction that was prepared before is committed. */
    COMMIT_PREPARED,
    /** A transaction that was prepared before is given up. */
    ROLLBACK_PREPARED,
    /** The transaction did not happen, but for tables without transactions. */
    ROLLBACK,
    /** A part of the transaction did not happen, but for tables without transactions. */
    PARTIAL_ROLLBACK,
    /** Changes rows of the streamed tables by a statement. */
    ROWS,
    /** Drops the database. */
    DROP_DATABASE,
    /** Changes a table of the stream. */
    DDL_OF_STREAM,
    /** Changes something else. */
    DDL,
    OTHER
  }

  /**
   * @param names how the server compares names of databases
   * @param database the stream's
   * @param code the code on the server, which statements may run
   */
  Statements(
      SqlParser parser, StreamRules rules, NameRule names, String database, ServerCode code) {
    this.parser = parser;
    this.rules = rules;
    this.names = names;
    this.database = database;
    this.code = code;
  }

  Kind kind(BinlogEvent.Statement statement) {
    String sql = statement.sql();
    String start = sql.substring(0, Math.min(sql.length(), 12)).toUpperCase(Locale.ROOT);
    if (start.startsWith("XA START") || start.startsWith("XA BEGIN")) {
      return Kind.BEGIN;
    }
    if (start.startsWith("XA COMMIT")) {
      return Kind.COMMIT_PREPARED;
    }
    if (start.startsWith("XA ROLLBACK")) {
      return Kind.ROLLBACK_PREPARED;
    }
    StatementKind kind = parser.kind(sql);
    return switch (kind) {
      case BEGIN -> Kind.BEGIN;
      case COMMIT -> Kind.COMMIT;
      case ROLLBACK -> start.startsWith("ROLLBACK TO") ? Kind.PARTIAL_ROLLBACK : Kind.ROLLBACK;
      case DDL -> definition(statement);
      case SET -> SetStatement.leads(sql) ? rows(statement) : Kind.OTHER;
      case SAVEPOINT, USE, SHOW -> Kind.OTHER;
      case INSERT, REPLACE, UPDATE, DELETE, SELECT -> rows(statement);
      case OTHER -> isHarmless(sql) ? Kind.OTHER : rows(statement);
    };
  }

  /** Whether a statement only begins, divides, prepares or ends a transaction. */
  static boolean isBracket(String sql) {
    List<SqlToken> tokens;
    try {
      tokens = SqlLexer.lex(sql).tokens();
    } catch (SqlSyntaxException _) {
      return false;
    }
    return tokens.isEmpty() || BRACKETS.contains(tokens.getFirst().lower());
  }

  /** The id of a prepared transaction that a statement commits or rolls back, as the log has it. */
  static Optional<String> endedTransaction(String sql) {
    for (String start : List.of("XA COMMIT ", "XA ROLLBACK ")) {
      if (sql.regionMatches(true, 0, start, 0, start.length())) {
        return Optional.of(sql.substring(start.length()).strip());
      }
    }
    return Optional.empty();
  }

  private static boolean isHarmless(String sql) {
    try {
      List<SqlToken> tokens = SqlLexer.lex(sql).tokens();
      String first =
          tokens.stream().findFirst().filter(SqlToken::isName).map(SqlToken::lower).orElse("");
      return first.equals("analyze") ? analyzesTables(tokens) : HARMLESS.contains(first);
    } catch (SqlSyntaxException e) {
      return false;
    }
  }

  /** MariaDB's ANALYZE of a statement carries it out. */
  private static boolean analyzesTables(List<SqlToken> tokens) {
    return tokens.stream()
        .skip(1)
        .dropWhile(token -> token.is("local") || token.is("no_write_to_binlog"))
        .findFirst()
        .filter(token -> token.is("table") || token.is("tables"))
        .isPresent();
  }

  /** Of a statement that may change rows, by itself or by what it runs. */
  private Kind rows(BinlogEvent.Statement statement) {
    boolean elsewhere =
        statement
            .written()
            .filter(databases -> databases.stream().noneMatch(this::isOurs))
            .isPresent();
    return elsewhere || ofSystem(statement) || leavesStream(statement) ? Kind.OTHER : Kind.ROWS;
  }

  private boolean isOurs(String name) {
    return names.same(name, database);
  }

  /**
   * Whether it changes tables of the server's own database only, where no trigger can stand, as the
   * heartbeats of managed servers do.
   */
  private boolean ofSystem(BinlogEvent.Statement statement) {
    if (!CHANGES.contains(parser.kind(statement.sql())) || mentionsDatabase(statement)) {
      return false;
    }
    try {
      List<SqlToken> tokens = SqlLexer.lex(statement.sql()).tokens();
      if (!isSystem(statement.database())
          && tokens.stream().noneMatch(token -> isSystem(token.text()))) {
        return false; // most are, and need no reading
      }
      List<TableName> tables = parser.tables(statement.sql());
      return !tables.isEmpty()
          && tables.stream().allMatch(table -> isSystem(qualified(table, statement.database())))
          && !mayCall(tokens, tables);
    } catch (SqlSyntaxException | SqlException e) {
      return false;
    }
  }

  private boolean isSystem(String name) {
    return names.same(name, SYSTEM);
  }

  /** Whether a name before a parenthesis may be a stored function's. */
  private static boolean mayCall(List<SqlToken> tokens, List<TableName> tables) {
    for (int i = 1; i < tokens.size(); i++) {
      SqlToken name = tokens.get(i - 1);
      boolean table = tables.stream().anyMatch(one -> one.name().equals(name.text()));
      boolean keyword = name.kind() == SqlToken.Kind.WORD && BEFORE_LISTS.contains(name.lower());
      if (tokens.get(i).is('(') && name.isName() && !table && !keyword) {
        return true;
      }
    }
    return false;
  }

  private static String qualified(TableName table, String defaultDatabase) {
    return table.qualifier().isEmpty() ? defaultDatabase : table.qualifier();
  }

  /** Whether it names no table of the stream, and nothing that it may run does. */
  private boolean leavesStream(BinlogEvent.Statement statement) {
    boolean named = touchesStream(statement) || calls(statement);
    return !named && !code.mayWrite(rules, names, database, mentionsDatabase(statement));
  }

  private boolean touchesStream(BinlogEvent.Statement statement) {
    if (!mentions(statement)) {
      return false; // the lexer finds that out at a small part of the parser's cost
    }
    try {
      List<TableName> tables = parser.tables(statement.sql());
      return tables.isEmpty() || named(tables, statement.database());
    } catch (SqlException e) {
      return true;
    }
  }

  /** Whether it calls something of the database, whose text the account may not see. */
  private boolean calls(BinlogEvent.Statement statement) {
    return parser.kind(statement.sql()) == StatementKind.SELECT && mentionsDatabase(statement);
  }

  private Kind definition(BinlogEvent.Statement statement) {
    try {
      Optional<TableDdl> ddl = TableDdl.read(statement.sql());
      if (ddl.isEmpty()) {
        code.forget(); // it may have come or gone
        return Kind.DDL;
      }
      if (createsFromQuery(statement.sql())) {
        return rows(statement);
      }
      if (isOurs(ddl.get().database())) {
        return Kind.DROP_DATABASE;
      }
      return named(ddl.get().tables(), statement.database()) ? Kind.DDL_OF_STREAM : Kind.DDL;
    } catch (SqlException e) {
      return mentions(statement) ? Kind.DDL_OF_STREAM : Kind.DDL;
    }
  }

  /** Among rows a server writes the table down without its query, and then the rows. */
  private static boolean createsFromQuery(String sql) {
    List<SqlToken> tokens = SqlLexer.lex(sql).tokens();
    return tokens.getFirst().is("create")
        && tokens.stream().limit(4).anyMatch(token -> token.is("table"))
        && tokens.stream().anyMatch(token -> token.is("select"));
  }

  private boolean named(List<TableName> tables, String defaultDatabase) {
    return tables.stream()
        .anyMatch(
            table -> mayBeOurs(qualified(table, defaultDatabase)) && mayBeStreamed(table.name()));
  }

  private boolean mayBeOurs(String name) {
    return isOurs(name) || isUnreadable(name);
  }

  private boolean mayBeStreamed(String name) {
    return rules.matches(name) || isUnreadable(name);
  }

  /** Whether it has bytes that are no text of its client's character set. */
  private static boolean isUnreadable(String name) {
    return name.indexOf(StatementText.UNREADABLE) >= 0;
  }

  /** Whether the text names a table of the stream, and the database unless it is the default. */
  private boolean mentions(BinlogEvent.Statement statement) {
    try {
      return mentionsDatabase(statement)
          && SqlLexer.lex(statement.sql()).tokens().stream()
              .anyMatch(
                  token -> rules.matches(token.text()) || token.isUnreadableName(statement.sql()));
    } catch (SqlSyntaxException e) {
      return true;
    }
  }

  private boolean mentionsDatabase(BinlogEvent.Statement statement) {
    try {
      return isOurs(statement.database())
          || SqlLexer.lex(statement.sql()).tokens().stream()
              .anyMatch(token -> isOurs(token.text()) || token.isUnreadableName(statement.sql()));
    } catch (SqlSyntaxException e) {
      return true;
    }
  }
}

package dev.shunt.tablet.query;

import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import io.grpc.Status;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A statement of an application, as far as a tablet must know it before the server does.
 *
 * @param sql text with its bind variables still in it
 * @param kind what it does
 * @param qualifiers names in front of a dot, lower case: of databases, tables or aliases
 * @param aliases those of them that stand elsewhere with no dot behind them
 */
public record AppStatement(String sql, Kind kind, Set<String> qualifiers, Set<String> aliases) {
  /** What a statement does. */
  public enum Kind {
    /** Shows tables and the server, reads no rows of tables. */
    METADATA,
    /** Reads and locks nothing for longer than its transaction's snapshot. */
    READ,
    /** Reads rows and locks them, or writes a file. */
    LOCKING_READ,
    /** Changes rows. */
    WRITE,
    /** Changes tables; commits what was open. */
    DDL,
    /** Sets or releases a savepoint. */
    SAVEPOINT,
    /** Runs a stored procedure, which may touch anything. */
    CALL
  }

  private static final Set<String> LOCKING = Set.of("for", "lock", "into");

  /**
   * They change what the shared connection holds: locks of the tablet itself, by which it tells its
   * own connections, among them.
   */
  private static final Set<String> LOCK_FUNCTIONS =
      Set.of("get_lock", "release_lock", "release_all_locks");

  private static final Set<String> WRITING = Set.of("insert", "update", "delete", "replace");

  /**
   * Looks at a statement.
   *
   * @param sql as the server reads it, see ExecutableComments
   * @throws RpcException INVALID_ARGUMENT when it isn't one statement that a tablet runs
   */
  public static AppStatement of(String sql) {
    List<SqlToken> tokens;
    String directives;
    try {
      SqlLexer.Result lexed = SqlLexer.lex(sql);
      tokens = lexed.tokens();
      directives = lexed.directives();
    } catch (SqlSyntaxException e) {
      throw refuse("syntax error: " + e.getMessage());
    }
    int first = 0;
    while (first < tokens.size() && tokens.get(first).is('(')) {
      first++;
    }
    if (first == tokens.size()) {
      throw refuse("query was empty");
    }
    for (int i = 0; i < tokens.size() - 1; i++) {
      if (tokens.get(i).is(';')) {
        throw refuse("syntax error: more than one statement, send them one by one");
      }
    }
    refuseLockFunctions(tokens);
    Set<String> qualifiers = names(tokens, true);
    Set<String> aliases = Set.of();
    if (!qualifiers.isEmpty()) {
      aliases = new HashSet<>(names(tokens, false));
      aliases.retainAll(qualifiers);
    }
    refuseTemporaryTables(tokens);
    Kind kind = kind(tokens, tokens.get(first));
    if (kind == Kind.DDL) {
      OnlineChange.refuse(directives);
    }
    return new AppStatement(sql, kind, qualifiers, Set.copyOf(aliases));
  }

  /** Names that begin a dotted name, or that have no dot beside them. */
  private static Set<String> names(List<SqlToken> tokens, boolean dotted) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      boolean dotBefore = i > 0 && tokens.get(i - 1).is('.');
      boolean dotBehind = i + 1 < tokens.size() && tokens.get(i + 1).is('.');
      SqlToken token = tokens.get(i);
      boolean variable = i > 1 && tokens.get(i - 1).is('@') && tokens.get(i - 2).is('@');
      if (token.isName() && !variable && !dotBefore && dotBehind == dotted) {
        names.add(token.lower());
      }
    }
    return names.isEmpty() ? Set.of() : Set.copyOf(names);
  }

  private static void refuseLockFunctions(List<SqlToken> tokens) {
    for (int i = 0; i < tokens.size() - 1; i++) {
      SqlToken token = tokens.get(i);
      boolean name = token.kind() != SqlToken.Kind.STRING && LOCK_FUNCTIONS.contains(token.lower());
      if (name && tokens.get(i + 1).is('(')) {
        throw refuse(token.text() + " needs a connection of its own; those of a tablet are shared");
      }
    }
  }

  /** It would hide a table from all who get the connection after it, with what they write. */
  private static void refuseTemporaryTables(List<SqlToken> tokens) {
    boolean replace = tokens.size() > 3 && tokens.get(1).is("or") && tokens.get(2).is("replace");
    int type = replace ? 3 : 1;
    if (tokens.size() > type
        && tokens.getFirst().is("create")
        && tokens.get(type).is("temporary")) {
      throw refuse("a temporary table needs a connection of its own; those of a tablet are shared");
    }
  }

  private static Kind kind(List<SqlToken> tokens, SqlToken first) {
    return switch (first.lower()) {
      case "select", "with", "table", "values" -> query(tokens);
      case "show", "describe", "desc", "explain" -> Kind.METADATA;
      case "insert", "update", "delete", "replace" -> Kind.WRITE;
      case "create", "alter", "drop", "truncate", "rename", "analyze", "optimize" -> Kind.DDL;
      case "savepoint", "release" -> Kind.SAVEPOINT;
      case "rollback" -> {
        if (tokens.stream().noneMatch(token -> token.is("to"))) {
          throw refuse("use the calls Begin, Commit and Rollback for transactions");
        }
        yield Kind.SAVEPOINT;
      }
      case "call" -> Kind.CALL;
      case "begin", "start", "commit" ->
          throw refuse("use the calls Begin, Commit and Rollback for transactions");
      default ->
          throw refuse(
              "unsupported statement "
                  + first.text()
                  + ": the connections of a tablet are shared, it can't change their state");
    };
  }

  private static Kind query(List<SqlToken> tokens) {
    Kind kind = Kind.READ;
    for (SqlToken token : tokens) {
      if (token.kind() == SqlToken.Kind.WORD) {
        if (WRITING.contains(token.lower()) && first(tokens).is("with")) {
          return Kind.WRITE;
        }
        if (LOCKING.contains(token.lower())) {
          kind = Kind.LOCKING_READ;
        }
      }
    }
    return kind;
  }

  private static SqlToken first(List<SqlToken> tokens) {
    return tokens.getFirst();
  }

  /**
   * Whether the text has one of the names anywhere; if not, the statement does not touch a table of
   * that name. A procedure may touch anything.
   *
   * @param lowerCaseNames names in lower case
   */
  boolean mentions(Set<String> lowerCaseNames) {
    if (lowerCaseNames.isEmpty()) {
      return false;
    }
    return kind == Kind.CALL
        || SqlLexer.lex(sql).tokens().stream()
            .anyMatch(token ->
                token.kind() != SqlToken.Kind.STRING
                    && token.kind() != SqlToken.Kind.SYMBOL
                    && lowerCaseNames.contains(token.lower()));
  }

  /** The text with values in place of its bind variables, for a parser. */
  String withoutVariables() {
    StringBuilder text = new StringBuilder();
    int copied = 0;
    for (SqlToken token : SqlLexer.lex(sql).tokens()) {
      boolean list = token.kind() == SqlToken.Kind.LIST_VARIABLE;
      if (list || token.kind() == SqlToken.Kind.VARIABLE) {
        text.append(sql, copied, token.start()).append(list ? "(1)" : "1");
        copied = token.end();
      }
    }
    return text.append(sql, copied, sql.length()).toString();
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.INVALID_ARGUMENT, message);
  }
}

package dev.shunt.tablet.sql;

import dev.shunt.mysql.SqlText;
import dev.shunt.workflow.sql.lexer.ExecutableComments;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the statements that may be made on a tablet's own tables: queries, inserts of rows, updates
 * and deletes of one table. The qualifier {@code _vt} is replaced by the sidecar's name.
 */
public final class SidecarStatements {
  private static final String DEFAULT_SIDECAR = "_vt";
  private static final String UNSAFE = "ALLOW_UNSAFE_VREPLICATION_WRITE";
  private static final Set<String> ENDS_CONDITION = Set.of("order", "limit");

  private SidecarStatements() {}

  /**
   * Reads one or more statements separated by semicolons.
   *
   * @throws SqlSyntaxException for a statement of another kind or shape
   */
  public static List<SidecarStatement> parse(String sql, String sidecar) {
    if (ExecutableComments.readings(sql).size() > 1) {
      throw new SqlSyntaxException("what a comment does depends on the server's version", 0);
    }
    List<SidecarStatement> statements = new ArrayList<>();
    for (String one : split(sql)) {
      statements.add(parseOne(qualify(one, sidecar)));
    }
    if (statements.isEmpty()) {
      throw new SqlSyntaxException("no statement", 0);
    }
    return statements;
  }

  /** Cuts a text at its semicolons; empty statements are left out. */
  public static List<String> split(String sql) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    boolean content = false;
    for (SqlToken token : SqlLexer.lex(sql).tokens()) {
      if (token.is(';')) {
        if (content) {
          parts.add(sql.substring(start, token.start()).strip());
        }
        start = token.end();
        content = false;
      } else {
        content = true;
      }
    }
    if (content) {
      parts.add(sql.substring(start).strip());
    }
    return parts;
  }

  /** Replaces the qualifier {@code _vt} of names by the sidecar's name. */
  public static String qualify(String sql, String sidecar) {
    if (sidecar.equals(DEFAULT_SIDECAR)) {
      return sql;
    }
    List<SqlToken> tokens = SqlLexer.lex(sql).tokens();
    StringBuilder rewritten = new StringBuilder();
    int copied = 0;
    for (int i = 0; i + 1 < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      boolean qualifier =
          token.isName()
              && token.text().equals(DEFAULT_SIDECAR)
              && tokens.get(i + 1).is('.')
              && (i == 0 || !tokens.get(i - 1).is('.'));
      if (qualifier) {
        rewritten.append(sql, copied, token.start()).append(SqlText.identifier(sidecar));
        copied = token.end();
      }
    }
    return rewritten.append(sql, copied, sql.length()).toString();
  }

  private static SidecarStatement parseOne(String sql) {
    SqlLexer.Result lexed = SqlLexer.lex(sql);
    Cursor cursor = new Cursor(sql, lexed.tokens());
    boolean unsafe = lexed.directives().toUpperCase(Locale.ROOT).contains(UNSAFE);
    SqlToken first = cursor.next("a statement");
    return switch (first.lower()) {
      case "select" -> select(sql, cursor);
      case "insert" -> insert(sql, cursor);
      case "update" -> update(sql, cursor, unsafe);
      case "delete" -> delete(sql, cursor, unsafe);
      default ->
          throw new SqlSyntaxException(
              "query not supported: " + first.text() + " on the tablet's own tables",
              first.start());
    };
  }

  private static SidecarStatement select(String sql, Cursor cursor) {
    cursor.skipTo(Set.of("from"));
    cursor.expect("from");
    return new SidecarStatement.Select(sql, cursor.table());
  }

  private static SidecarStatement insert(String sql, Cursor cursor) {
    cursor.expect("into");
    String table = cursor.table();
    List<String> columns = new ArrayList<>();
    if (cursor.peekIs('(')) {
      cursor.next("(");
      while (!cursor.peekIs(')')) {
        SqlToken token = cursor.next("a column");
        if (token.isName()) {
          columns.add(token.lower());
        }
      }
      cursor.next(")");
    }
    boolean plain =
        (cursor.peekIs("values") || cursor.peekIs("value"))
            && cursor.skipTo(Set.of("on", "select", "union")).isEmpty();
    return new SidecarStatement.Insert(sql, table, List.copyOf(columns), plain);
  }

  private static SidecarStatement update(String sql, Cursor cursor, boolean unsafe) {
    String table = cursor.table();
    cursor.expect("set");
    List<String> assigned = new ArrayList<>();
    boolean column = true;
    SqlToken end = null;
    int depth = 0;
    @Nullable String name = null;
    while (cursor.hasNext()) {
      SqlToken token = cursor.next("an assignment");
      depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
      if (depth == 0 && (token.is("where") || ENDS_CONDITION.contains(token.lower()))) {
        end = token;
        break;
      }
      if (column && token.isName()) {
        name = token.lower();
      } else if (column && token.is('=') && name != null) {
        assigned.add(name);
        column = false;
      } else if (depth == 0 && token.is(',')) {
        column = true;
      }
    }
    Condition condition = condition(sql, cursor, end);
    return new SidecarStatement.Update(
        sql,
        table,
        List.copyOf(assigned),
        condition.head,
        condition.where,
        condition.names,
        condition.ordered,
        unsafe);
  }

  private static SidecarStatement delete(String sql, Cursor cursor, boolean unsafe) {
    cursor.expect("from");
    String table = cursor.table();
    SqlToken end = cursor.hasNext() ? cursor.next("a condition") : null;
    if (end != null && !end.is("where") && !ENDS_CONDITION.contains(end.lower())) {
      throw new SqlSyntaxException("unsupported construct: " + end.text(), end.start());
    }
    Condition condition = condition(sql, cursor, end);
    return new SidecarStatement.Delete(
        sql, table, condition.head, condition.where, condition.names, condition.ordered, unsafe);
  }

  private record Condition(
      String head, @Nullable String where, List<String> names, boolean ordered) {}

  /** What comes after the token that ended the part before the condition. */
  private static Condition condition(String sql, Cursor cursor, @Nullable SqlToken end) {
    if (end == null) {
      return new Condition(sql, null, List.of(), false);
    }
    String head = sql.substring(0, end.start());
    if (!end.is("where")) {
      return new Condition(head, null, List.of(), true);
    }
    List<String> names = new ArrayList<>();
    Optional<SqlToken> order = Optional.empty();
    int depth = 0;
    while (cursor.hasNext()) {
      SqlToken token = cursor.next("a condition");
      depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
      if (depth == 0
          && token.kind() == SqlToken.Kind.WORD
          && ENDS_CONDITION.contains(token.lower())) {
        order = Optional.of(token);
        break;
      }
      if (token.isName()) {
        names.add(token.lower());
      }
    }
    int to = order.map(SqlToken::start).orElse(sql.length());
    return new Condition(
        head, sql.substring(end.end(), to).strip(), List.copyOf(names), order.isPresent());
  }

  /** Tokens and how far they are read. */
  private static final class Cursor {
    private final String sql;
    private final List<SqlToken> tokens;
    private int at;

    Cursor(String sql, List<SqlToken> tokens) {
      this.sql = sql;
      this.tokens = tokens;
    }

    boolean hasNext() {
      return at < tokens.size();
    }

    SqlToken next(String expected) {
      if (!hasNext()) {
        throw new SqlSyntaxException("expected " + expected, sql.length());
      }
      return tokens.get(at++);
    }

    boolean peekIs(char symbol) {
      return hasNext() && tokens.get(at).is(symbol);
    }

    boolean peekIs(String keyword) {
      return hasNext() && tokens.get(at).is(keyword);
    }

    void expect(String keyword) {
      SqlToken token = next(keyword);
      if (!token.is(keyword)) {
        throw new SqlSyntaxException("expected " + keyword, token.start());
      }
    }

    /** Goes on to the first of the keywords outside of parentheses and says which it was. */
    Optional<String> skipTo(Set<String> keywords) {
      int depth = 0;
      while (hasNext()) {
        SqlToken token = tokens.get(at);
        depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
        if (depth == 0 && token.kind() == SqlToken.Kind.WORD && keywords.contains(token.lower())) {
          return Optional.of(token.lower());
        }
        at++;
      }
      return Optional.empty();
    }

    /** Reads a table's name, with or without its database. */
    String table() {
      SqlToken token = next("a table");
      if (!token.isName()) {
        throw new SqlSyntaxException("expected a table", token.start());
      }
      if (peekIs('.')) {
        next(".");
        token = next("a table");
      }
      if (peekIs(',')) {
        throw new SqlSyntaxException("more than one table", token.end());
      }
      return token.text();
    }
  }
}

package dev.shunt.workflow.sql;

import dev.shunt.workflow.sql.TableDdl.Rows;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the beginning of a definition, and of ALTER TABLE the words outside of parentheses that say
 * what becomes of rows. The rest may be anything: the parser for statements knows too few of the
 * servers' options.
 */
final class TableDdlReader {
  private static final Change NONE = new Change(Rows.STAY, "");

  private final String sql;
  private final List<SqlToken> tokens;
  private int at;

  private record Change(Rows rows, String by) {}

  private TableDdlReader(String sql, List<SqlToken> tokens) {
    this.sql = sql;
    this.tokens = tokens;
  }

  static Optional<TableDdl> read(String sql) {
    try {
      TableDdlReader reader = new TableDdlReader(sql, SqlLexer.lex(sql).tokens());
      Optional<TableDdl> ddl = reader.statement();
      if (ddl.isPresent()
          && reader.tokens.stream().anyMatch(token -> token.isUnreadableName(sql))) {
        throw reader.unreadable(); // which table it names, or with what, is not known
      }
      return ddl.map(reader::withConstraints);
    } catch (SqlSyntaxException e) {
      throw new SqlException("the statement can't be read: " + e.getMessage());
    }
  }

  private Optional<TableDdl> statement() {
    if (take("truncate")) {
      take("table");
      return Optional.of(of(List.of(name()), Rows.GO, "TRUNCATE"));
    }
    if (take("rename")) {
      return take("table") || take("tables") ? Optional.of(rename()) : Optional.empty();
    }
    if (take("drop")) {
      return drop();
    }
    if (take("create")) {
      return create();
    }
    return take("alter") ? alter() : Optional.empty();
  }

  /** Both servers reserve the words, so a name that is spelled so stands in quotes. */
  private TableDdl withConstraints(TableDdl ddl) {
    boolean adds = tokens.stream().anyMatch(token -> token.is("references"));
    List<String> dropped = new ArrayList<>();
    at = 0;
    while (at < tokens.size()) {
      boolean constraint = is("drop") && (next("foreign") || next("constraint"));
      at++;
      if (constraint) {
        if (!take("constraint")) {
          at++;
          demand("key");
        }
        ifExists();
        dropped.add(part());
      }
    }
    return ddl.withConstraints(adds, dropped);
  }

  private static TableDdl of(List<TableName> tables, Rows rows, String by) {
    return new TableDdl(tables, "", rows, by);
  }

  private static TableDdl staying(TableName table) {
    return of(List.of(table), Rows.STAY, "");
  }

  private TableDdl rename() {
    List<TableName> tables = new ArrayList<>();
    ifExists();
    do {
      tables.add(name());
      waiting();
      demand("to");
      tables.add(name());
    } while (take(','));
    return of(tables, Rows.MOVE, "RENAME");
  }

  private Optional<TableDdl> drop() {
    if (take("temporary")) {
      return Optional.empty();
    }
    if (take("table") || take("tables")) {
      ifExists();
      List<TableName> tables = new ArrayList<>();
      do {
        tables.add(name());
      } while (take(','));
      return Optional.of(of(tables, Rows.GO, "DROP TABLE"));
    }
    if (take("database") || take("schema")) {
      ifExists();
      String database = name().name();
      return Optional.of(new TableDdl(List.of(), database, Rows.GO, "DROP DATABASE"));
    }
    return index();
  }

  private Optional<TableDdl> create() {
    boolean replaces = take("or") && take("replace");
    if (take("temporary")) {
      return Optional.empty();
    }
    if (!take("table")) {
      return index();
    }
    ifExists();
    TableName table = name();
    return Optional.of(
        replaces ? of(List.of(table), Rows.GO, "CREATE OR REPLACE TABLE") : staying(table));
  }

  /** {@code [ONLINE] [UNIQUE …] INDEX name … ON table}, of CREATE and DROP. */
  private Optional<TableDdl> index() {
    for (int i = 0; i < 3 && !is("index"); i++) {
      at++;
    }
    if (!take("index")) {
      return Optional.empty();
    }
    while (at < tokens.size() && !is("on")) {
      at++;
    }
    demand("on");
    return Optional.of(staying(name()));
  }

  private Optional<TableDdl> alter() {
    boolean online = take("online") || take("offline");
    boolean ignore = take("ignore");
    if (!take("table")) {
      if (online || ignore) {
        throw unreadable();
      }
      return Optional.empty();
    }
    ifExists();
    List<TableName> tables = new ArrayList<>();
    tables.add(name());
    Change change = ignore ? new Change(Rows.MOVE, "ALTER IGNORE") : NONE;
    int depth = 0;
    for (; at < tokens.size(); at++) {
      depth += is('(') ? 1 : is(')') ? -1 : 0;
      Change found = depth == 0 ? option(tables) : NONE;
      change = found.rows().compareTo(change.rows()) > 0 ? found : change;
    }
    return Optional.of(of(tables, change.rows(), change.by()));
  }

  /** What the option of ALTER TABLE that begins here does to rows. */
  private Change option(List<TableName> tables) {
    if (is("rename") && !next("column") && !next("index") && !next("key")) {
      at++;
      if (!take("to") && !take("as")) {
        take('=');
      }
      tables.add(name());
      at--;
      return new Change(Rows.MOVE, "RENAME");
    }
    if ((is("discard") || is("import")) && (next("tablespace") || next("partition"))) {
      return new Change(Rows.MOVE, word() + " TABLESPACE");
    }
    if ((is("drop") || is("truncate")) && next("partition")) {
      return new Change(Rows.GO, word() + " PARTITION");
    }
    if ((is("exchange") || is("convert")) && (next("partition") || next("table"))) {
      return exchanged(tables);
    }
    return is("engine") && blackhole() ? new Change(Rows.GO, "ENGINE=BLACKHOLE") : NONE;
  }

  private boolean blackhole() {
    int value = at + 1;
    if (value < tokens.size() && tokens.get(value).is('=')) {
      value++;
    }
    return value < tokens.size() && tokens.get(value).text().equalsIgnoreCase("blackhole");
  }

  /** EXCHANGE PARTITION … WITH TABLE, CONVERT PARTITION … TO TABLE, CONVERT TABLE … TO. */
  private Change exchanged(List<TableName> tables) {
    String by = word() + " PARTITION";
    while (at < tokens.size() && !is("table")) {
      at++;
    }
    demand("table");
    tables.add(name());
    at--;
    return new Change(Rows.MOVE, by);
  }

  private String word() {
    return tokens.get(at).text().toUpperCase(Locale.ROOT);
  }

  private void ifExists() {
    if (take("if")) {
      take("not");
      demand("exists");
    }
  }

  /** MariaDB's {@code WAIT n} and {@code NOWAIT}. */
  private void waiting() {
    if (take("wait")) {
      at++;
    } else {
      take("nowait");
    }
  }

  private TableName name() {
    String first = part();
    return take('.') ? new TableName(first, part()) : new TableName("", first);
  }

  /** With ANSI_QUOTES a name may stand in double quotes. */
  private String part() {
    if (at < tokens.size()) {
      SqlToken token = tokens.get(at);
      boolean quoted = token.kind() == SqlToken.Kind.STRING && sql.charAt(token.start()) == '"';
      if (token.isName() || quoted || token.kind() == SqlToken.Kind.NUMBER) {
        at++;
        return token.text();
      }
    }
    throw unreadable();
  }

  private SqlException unreadable() {
    return new SqlException("the statement can't be read: " + sql);
  }

  private boolean is(String keyword) {
    return at < tokens.size() && tokens.get(at).is(keyword);
  }

  private boolean is(char symbol) {
    return at < tokens.size() && tokens.get(at).is(symbol);
  }

  private boolean next(String keyword) {
    return at + 1 < tokens.size() && tokens.get(at + 1).is(keyword);
  }

  private boolean take(String keyword) {
    boolean present = is(keyword);
    at += present ? 1 : 0;
    return present;
  }

  private boolean take(char symbol) {
    boolean present = is(symbol);
    at += present ? 1 : 0;
    return present;
  }

  private void demand(String keyword) {
    if (!take(keyword)) {
      throw unreadable();
    }
  }
}

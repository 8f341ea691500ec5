package dev.shunt.tablet.vreplication.writing;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.vreplication.stream.LockWatch;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamCopyState;
import dev.shunt.tablet.vreplication.stream.StreamLock;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes the secondary keys off a table before it is filled and puts them back afterwards: building
 * a key from all rows at once costs a fraction of adding to it row by row.
 *
 * <p>Only plain keys go. Unique keys stay, as they reveal two sources that bring the same row; so
 * do full-text and spatial ones, keys that foreign keys need, and those that begin with the
 * AUTO_INCREMENT column. What is to be added again is kept in {@code post_copy_action} before
 * anything is dropped, in Vitess's form.
 */
public final class SecondaryKeys {
  /** A plain key as SHOW CREATE TABLE words it, one to a line. */
  private static final Pattern KEY =
      Pattern.compile("^\\s+(KEY (`(?:[^`]|``)+`) \\((`(?:[^`]|``)+`)?.*?),?$");

  private final StreamContext stream;
  private final MysqlConnection connection;

  /**
   * For tables of one stream.
   *
   * @param connection carries the statements that alter tables
   */
  public SecondaryKeys(StreamContext stream, MysqlConnection connection) {
    this.stream = stream;
    this.connection = connection;
  }

  private record Key(String name, String firstColumn, String definition) {}

  /**
   * Drops what can be added again; nothing while another stream fills the table, too.
   *
   * @param state of the copy that it is done for
   */
  public void takeOff(String table, StreamCopyState state) throws InterruptedException {
    if (stream.table().copies().othersCopy(connection, stream.id(), table)) {
      return;
    }
    List<Key> keys = droppable(table);
    if (keys.isEmpty()) {
      return;
    }
    stream
        .table()
        .copies()
        .presenting(
            connection,
            state,
            () ->
                stream.table().keepAfterCopy(connection, stream.id(), table, adding(table, keys)));
    String drop =
        keys.stream()
            .map(key -> "DROP KEY " + key.name())
            .collect(Collectors.joining(", ", alter(table), ""));
    beside(table, () -> connection.execute(drop));
  }

  /**
   * Alters a table while rows of others are written: on MariaDB that waits for those that refer to
   * it while their writers wait for it, which the server does not see.
   */
  private void beside(String table, Runnable alter) throws InterruptedException {
    String usual = connection.execute("SELECT @@SESSION.innodb_lock_wait_timeout").only().text(0);
    connection.execute("SET SESSION innodb_lock_wait_timeout = 5");
    String what = "the keys of table %s can't be altered".formatted(table);
    try {
      LockWatch.carryOut(stream, connection, what, alter);
    } finally {
      if (!connection.isClosed()) {
        connection.execute("SET SESSION innodb_lock_wait_timeout = " + usual);
      }
    }
  }

  /** Adds what was dropped and is not there yet. */
  public void putBack(String table) throws InterruptedException {
    Optional<String> kept = stream.table().afterCopy(connection, stream.id(), table);
    if (kept.isEmpty()) {
      return;
    }
    beside(table, () -> add(connection, stream.tablet().database(), table, kept.get()));
  }

  /**
   * Adds the keys that a statement adds and that are not there yet.
   *
   * @param kept as it stands in {@code post_copy_action}
   */
  public static void add(MysqlConnection connection, String database, String table, String kept) {
    Set<String> present = present(connection, database, table);
    List<Addition> all = additions(kept);
    List<Addition> missing = all.stream().filter(key -> !present.contains(key.name())).toList();
    if (all.isEmpty()) {
      connection.execute(kept);
    } else if (!missing.isEmpty()) {
      connection.execute(
          missing.stream()
              .map(Addition::clause)
              .collect(Collectors.joining(", ", alter(database, table), "")));
    }
  }

  /** Adds what is missing though the copy goes on; nothing is added after it then. */
  public void putBackForGood(String table) throws InterruptedException {
    StreamLock.hold(connection, stream.id(), stream.tablet().database(), table);
    putBack(table);
    stream.table().forgetAfterCopy(connection, stream.id(), table);
    StreamLock.release(connection, stream.id(), stream.tablet().database(), table);
  }

  /**
   * A key that is to be added.
   *
   * @param name in lower case
   */
  private record Addition(String name, String clause) {}

  /** The clauses of an ALTER TABLE that only adds keys; none of any other statement. */
  private static List<Addition> additions(String sql) {
    List<SqlToken> tokens = SqlLexer.lex(sql).tokens();
    List<Addition> additions = new ArrayList<>();
    int from = 0;
    while (from < tokens.size() && !tokens.get(from).is("ADD")) {
      from++;
    }
    int depth = 0;
    for (int at = from; at < tokens.size(); at++) {
      SqlToken token = tokens.get(at);
      depth += token.is('(') ? 1 : token.is(')') ? -1 : 0;
      boolean last = at + 1 == tokens.size();
      if (last || (depth == 0 && token.is(','))) {
        boolean key =
            at - from > 2
                && tokens.get(from).is("ADD")
                && (tokens.get(from + 1).is("KEY") || tokens.get(from + 1).is("INDEX"))
                && tokens.get(from + 2).isName();
        if (!key) {
          return List.of();
        }
        String clause =
            sql.substring(tokens.get(from).start(), last ? sql.length() : token.start());
        additions.add(new Addition(tokens.get(from + 2).lower(), clause.strip()));
        from = at + 1;
      }
    }
    return additions;
  }

  /** Names of all keys, in lower case. */
  private static Set<String> present(MysqlConnection connection, String database, String table) {
    return connection
        .execute(
            "SELECT DISTINCT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA="
                + SqlText.literal(database)
                + " AND TABLE_NAME="
                + SqlText.literal(table))
        .rows()
        .stream()
        .map(row -> row.text(0).toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  private String alter(String table) {
    return alter(stream.tablet().database(), table);
  }

  private static String alter(String database, String table) {
    return "ALTER TABLE " + SqlText.qualified(database, table) + " ";
  }

  private String adding(String table, List<Key> keys) {
    return keys.stream()
        .map(key -> "ADD " + key.definition())
        .collect(Collectors.joining(", ", alter(table), ""));
  }

  private List<Key> droppable(String table) {
    Set<String> needed = columnsThatNeedAKey(table);
    return plainKeys(table).stream()
        .filter(key -> !needed.contains(key.firstColumn().toLowerCase(Locale.ROOT)))
        .toList();
  }

  private List<Key> plainKeys(String table) {
    List<Key> keys = new ArrayList<>();
    for (String line : lines(table)) {
      Matcher matcher = KEY.matcher(line);
      if (matcher.matches()) {
        String first = matcher.group(3) == null ? "" : matcher.group(3);
        keys.add(new Key(matcher.group(2), first, matcher.group(1)));
      }
    }
    return keys;
  }

  private List<String> lines(String table) {
    String name = SqlText.qualified(stream.tablet().database(), table);
    return connection.execute("SHOW CREATE TABLE " + name).only().text(1).lines().toList();
  }

  /**
   * The AUTO_INCREMENT column and those of foreign keys from or to the table, quoted, in lower
   * case.
   */
  private Set<String> columnsThatNeedAKey(String table) {
    String schemaName = SqlText.literal(stream.tablet().database());
    String tableName = SqlText.literal(table);
    List<Row> rows =
        connection
            .execute(
                "SELECT COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE"
                    + " REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_SCHEMA="
                    + schemaName
                    + " AND TABLE_NAME="
                    + tableName
                    + " UNION SELECT REFERENCED_COLUMN_NAME FROM"
                    + " information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA="
                    + schemaName
                    + " AND REFERENCED_TABLE_NAME="
                    + tableName
                    + " UNION SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE EXTRA LIKE"
                    + " '%auto_increment%' AND TABLE_SCHEMA="
                    + schemaName
                    + " AND TABLE_NAME="
                    + tableName)
            .rows();
    return rows.stream()
        .map(row -> SqlText.identifier(row.text(0)).toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }
}

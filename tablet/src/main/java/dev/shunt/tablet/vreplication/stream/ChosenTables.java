package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.VReplicationLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which tables a stream whose rules are patterns has: those whose rows are copied, or whose copy is
 * noted, and those of which the source had none when they came ({@code shunt_stream_table}). A
 * pattern chooses among the tables that the target has at the moment, and what the source has of
 * one that came there since the position began would be neither copied nor applied.
 *
 * <p>Of each the list tells whether all its rows are those of streams ({@code own_rows}). Not so
 * with one that the target had rows of and the source had not.
 */
public final class ChosenTables {
  /** Stands there for the list itself, which may be empty; no table is called so. */
  private static final String LIST = "";

  private final StreamTable table;
  private final String streams;
  private final String database;
  private final String tables;
  private final String copyState;

  /**
   * @param table of the same tablet
   */
  ChosenTables(TabletIdentity tablet, StreamTable table) {
    this.table = table;
    this.streams = SqlText.qualified(tablet.sidecar(), "vreplication");
    this.database = tablet.database();
    this.tables = SqlText.qualified(tablet.sidecar(), "shunt_stream_table");
    this.copyState = SqlText.qualified(tablet.sidecar(), "copy_state");
  }

  /**
   * Those of some tables that the stream does not have. A stream that has no list, as one that goes
   * on for another or was begun by a tablet that keeps none, has all of them.
   */
  public Set<String> lackingOf(MysqlConnection connection, int id, Collection<String> targets) {
    Set<String> known = read(connection, id);
    Set<String> lacking = new TreeSet<>(targets);
    lacking.removeAll(known);
    return known.contains(LIST) ? lacking : Set.of();
  }

  /** Those that the stream has by its list, but for some. */
  public Set<String> besides(MysqlConnection connection, int id, Collection<String> targets) {
    Set<String> besides = new TreeSet<>(read(connection, id));
    besides.remove(LIST);
    besides.removeAll(targets);
    return besides;
  }

  /**
   * Those of some tables whose rows are those of other streams: one that has begun fills the table
   * and has it, and when it took it in there were no rows of anybody else.
   */
  public Set<String> ofOthers(MysqlConnection connection, int id, Collection<String> tables) {
    Set<String> theirs = new TreeSet<>();
    for (StreamTable.Filler other : table.fillers(connection, id, tables)) {
      if (other.readable() && other.begun()) {
        Set<String> known = read(connection, other.id());
        Set<String> own = read(connection, other.id(), " AND own_rows = 1");
        other.tables().stream()
            .filter(each -> !known.contains(LIST) || own.contains(each))
            .forEach(theirs::add);
      }
    }
    return theirs;
  }

  /**
   * Forgets tables that patterns choose no more, and what is left to do for them.
   *
   * @throws RpcException ABORTED when the stream is gone
   */
  public void forget(MysqlConnection connection, int id, Collection<String> gone) {
    connection.execute("BEGIN");
    if (!holds(connection, id, "")) {
      throw StreamTable.gone(id);
    }
    for (String each : gone) {
      table.copies().forget(connection, id, each);
      connection.execute(
          "DELETE FROM %s WHERE vrepl_id = %d AND table_name = %s"
              .formatted(tables, id, SqlText.literal(each)));
    }
    connection.execute("COMMIT");
  }

  /** Takes note of all tables that are chosen now, where there is no list. */
  public void begin(MysqlConnection connection, int id, Collection<String> targets) {
    if (!read(connection, id).contains(LIST)) {
      List<String> all = new ArrayList<>(targets);
      all.add(LIST);
      insert(connection, id, all, true);
    }
  }

  /** Takes note of the tables whose copy is noted, in the connection's transaction. */
  void ofCopy(MysqlConnection connection, int id) {
    connection.execute(
        "INSERT IGNORE INTO "
            + tables
            + " (vrepl_id, table_name) SELECT vrepl_id, table_name FROM "
            + copyState
            + " WHERE vrepl_id = "
            + id);
    insert(connection, id, List.of(LIST), true);
  }

  /**
   * Makes the note of the tables to be copied anew before the first snapshot, when it does not say
   * the same: tables may have come or gone since it was made.
   *
   * @return whether it was changed
   */
  public boolean renewCopy(MysqlConnection connection, int id, List<String> targets) {
    connection.execute("BEGIN");
    // Whoever begins the position changes this row: afterwards tables are added in another way.
    boolean first = holds(connection, id, " AND pos = ''");
    List<String> noted = table.copies().unfinished(connection, id);
    List<String> gone = noted.stream().filter(each -> !targets.contains(each)).toList();
    List<String> more = targets.stream().filter(each -> !noted.contains(each)).toList();
    boolean changes = first && !noted.isEmpty() && !(gone.isEmpty() && more.isEmpty());
    if (changes) {
      gone.forEach(each -> table.copies().forget(connection, id, each));
      if (!more.isEmpty()) {
        table.copies().begin(connection, id, more);
      }
    }
    connection.execute("COMMIT");
    return changes;
  }

  /**
   * Takes more tables into a stream that has begun, and notes those to be copied that the source
   * has.
   *
   * @param more tables of the target that the stream does not have
   * @param copied those of them that are to be copied; others have come to the source later, if at
   *     all, and all their rows are in its log
   * @param foreign those that have rows of nobody knows whom
   * @throws RpcException ABORTED when the stream is gone
   */
  public void add(
      MysqlConnection connection,
      int id,
      Collection<String> more,
      List<String> copied,
      Collection<String> foreign) {
    connection.execute("BEGIN");
    if (!holds(connection, id, "")) {
      throw StreamTable.gone(id);
    }
    insert(connection, id, more.stream().filter(each -> !foreign.contains(each)).toList(), true);
    insert(connection, id, foreign, false);
    List<String> noted = new ArrayList<>(copied);
    noted.removeAll(table.copies().unfinished(connection, id));
    if (!noted.isEmpty()) {
      table.copies().begin(connection, id, noted);
    }
    if (!copied.isEmpty()) {
      table.writeState(connection, id, StreamState.COPYING, "");
      table.log(
          connection,
          id,
          VReplicationLog.Type.COPY_STARTED,
          StreamState.COPYING,
          "Copy phase started for table(s) that came to the target since: "
              + String.join(", ", copied));
    }
    connection.execute("COMMIT");
  }

  /** Whether a stream is there and so, up to the end of the transaction. */
  private boolean holds(MysqlConnection connection, int id, String and) {
    return !connection
        .execute(
            "SELECT 1 FROM "
                + streams
                + " WHERE id = "
                + id
                + " AND db_name = "
                + SqlText.literal(database)
                + and
                + " FOR UPDATE")
        .rows()
        .isEmpty();
  }

  /**
   * Lets a stream have what all those have that it goes on for, in the connection's transaction.
   */
  void inherit(MysqlConnection connection, Collection<Integer> from, int id) {
    connection.execute(
        "INSERT IGNORE INTO "
            + tables
            + " (vrepl_id, table_name, own_rows) SELECT "
            + id
            + ", table_name, MIN(own_rows) FROM "
            + tables
            + " WHERE vrepl_id IN ("
            + from.stream().map(String::valueOf).collect(Collectors.joining(", "))
            + ") GROUP BY table_name HAVING COUNT(*) = "
            + from.size());
  }

  private Set<String> read(MysqlConnection connection, int id) {
    return read(connection, id, "");
  }

  private Set<String> read(MysqlConnection connection, int id, String and) {
    Set<String> read = new HashSet<>();
    for (Row row :
        connection
            .execute("SELECT table_name FROM " + tables + " WHERE vrepl_id = " + id + and)
            .rows()) {
      read.add(row.text(0));
    }
    return read;
  }

  private void insert(
      MysqlConnection connection, int id, Collection<String> names, boolean ownRows) {
    if (!names.isEmpty()) {
      connection.execute(
          "INSERT IGNORE INTO "
              + tables
              + " (vrepl_id, table_name, own_rows) VALUES "
              + names.stream()
                  .map(name -> "(%d, %s, %d)".formatted(id, SqlText.literal(name), ownRows ? 1 : 0))
                  .collect(Collectors.joining(", ")));
    }
  }
}

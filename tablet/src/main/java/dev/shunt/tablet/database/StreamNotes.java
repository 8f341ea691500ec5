package dev.shunt.tablet.database;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** What is kept of the copies of streams, beside their rows. */
public final class StreamNotes {
  private static final List<String> TABLES =
      List.of(
          "copy_state",
          "shunt_copy_part",
          "shunt_copy_attempt",
          "shunt_copy_basis",
          "shunt_stream_table",
          "post_copy_action");

  private final String sidecar;
  private final String database;

  /**
   * Those in a sidecar database.
   *
   * @param database whose streams these are
   */
  public StreamNotes(String sidecar, String database) {
    this.sidecar = sidecar;
    this.database = database;
  }

  /**
   * Forgets all of streams that are deleted, in the connection's transaction. Keys that were taken
   * off for a copy are put back later, if the table stays.
   *
   * @param ids at least one
   */
  public void forget(MysqlConnection connection, Collection<Integer> ids) {
    var _ = connection.executeMulti(String.join(";", forgetting(ids)));
  }

  /** The statements of {@link #forget}. */
  public List<String> forgetting(Collection<Integer> ids) {
    String which =
        " WHERE vrepl_id IN ("
            + ids.stream().sorted().map(String::valueOf).collect(Collectors.joining(", "))
            + ")";
    List<String> statements = new ArrayList<>();
    statements.add(
        "INSERT INTO "
            + table("shunt_left_keys")
            + " (db_name, table_name, action) SELECT "
            + SqlText.literal(database)
            + ", table_name, action FROM "
            + table("post_copy_action")
            + which);
    for (String notes : TABLES) {
      statements.add("DELETE FROM " + table(notes) + which);
    }
    return statements;
  }

  private String table(String name) {
    return SqlText.qualified(sidecar, name);
  }
}

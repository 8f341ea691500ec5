package dev.shunt.copy.creating;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.tabletclient.LoggedKeyActions;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.sql.SqlNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Foreign keys of the source that change rows of moved tables by themselves. MariaDB, and MySQL up
 * to 9.5, do not write such changes to the binary log; the target repeats them only where it has
 * the same foreign key with both its tables, and not before the copy has ended. MySQL from 9.6 on
 * logs them, unless {@code innodb_native_foreign_keys} is on.
 *
 * <p>ON UPDATE counts only where the key that is referred to is not an AUTO_INCREMENT: nobody
 * changes those.
 */
final class Cascades {
  private static final int MOST = 100_000;

  private final TabletClient client;
  private final String database;
  private final Set<String> moved;

  /** Looks at the tables of a source shard. */
  Cascades(Cluster cluster, ShardPrimary source, Collection<String> moved) {
    this.client = cluster.client(source);
    this.database = source.database();
    this.moved = new TreeSet<>(moved);
  }

  /**
   * A foreign key.
   *
   * @param inside whether it leads to a table that is moved too
   */
  private record ForeignKey(
      String table, String name, String parent, boolean inside, String onDelete, String onUpdate) {
    boolean deletes() {
      return acts(onDelete);
    }

    boolean updates() {
      return acts(onUpdate);
    }

    private static boolean acts(String rule) {
      return !rule.equals("RESTRICT") && !rule.equals("NO ACTION");
    }

    String text() {
      List<String> actions = new ArrayList<>(2);
      if (deletes()) {
        actions.add("ON DELETE " + onDelete);
      }
      if (updates()) {
        actions.add("ON UPDATE " + onUpdate);
      }
      return "%s of %s (%s of %s)".formatted(name, table, String.join(" ", actions), parent);
    }
  }

  /**
   * Refuses where changes would be missed for good.
   *
   * @param dropped whether the target goes without foreign keys
   * @return what to beware of while rows are copied; empty when there is nothing
   */
  Optional<String> check(boolean dropped) {
    List<ForeignKey> acting = acting();
    if (acting.isEmpty() || LoggedKeyActions.of(client).today()) {
      return Optional.empty();
    }
    List<ForeignKey> missed = acting.stream().filter(key -> dropped || !key.inside()).toList();
    if (!missed.isEmpty()) {
      throw Refusal.failedPrecondition(
              "foreign keys change rows that are moved, and the source's binary log does not tell of"
                  + " it: %s; %s, or change them to RESTRICT before",
              text(missed),
              dropped
                  ? "keep the foreign keys on the target"
                  : "move the tables that they refer to as well")
          .exception();
    }
    return Optional.of(
        "until the copy has ended, rows that a foreign key of the source changes are missed: %s;"
                .formatted(text(acting))
            + " compare with a vdiff before traffic is switched");
  }

  private static String text(List<ForeignKey> keys) {
    return keys.stream().map(ForeignKey::text).collect(Collectors.joining(", "));
  }

  private List<ForeignKey> acting() {
    String sql =
        "select table_name as child, constraint_name as name, referenced_table_name as parent,"
            + " unique_constraint_schema as parent_schema, delete_rule as on_delete,"
            + " update_rule as on_update from information_schema.referential_constraints"
            + " where constraint_schema = "
            + SqlNames.literal(database);
    List<ForeignKey> keys = new ArrayList<>();
    for (ResultRow row : ResultRow.of(client.executeFetchAsDba(sql, MOST))) {
      boolean here = row.text("parent_schema").equals(database);
      keys.add(
          new ForeignKey(
              row.text("child"),
              row.text("name"),
              row.text("parent"),
              here && moved.contains(row.text("parent")),
              row.text("on_delete"),
              row.text("on_update")));
    }
    keys.removeIf(key -> !moved.contains(key.table()));
    if (keys.stream().anyMatch(ForeignKey::updates)) {
      Set<String> numbered = numbered();
      keys.replaceAll(key ->
          numbered.contains(key.table() + "." + key.name())
              ? new ForeignKey(
                  key.table(), key.name(), key.parent(), key.inside(), key.onDelete(), "RESTRICT")
              : key);
    }
    keys.removeIf(key -> !key.deletes() && !key.updates());
    return keys;
  }

  /** Foreign keys that refer to an AUTO_INCREMENT and to nothing else, which nobody changes. */
  private Set<String> numbered() {
    String sql =
        "select k.table_name as child, k.constraint_name as name"
            + " from information_schema.key_column_usage k"
            + " join information_schema.columns c on c.table_schema = k.referenced_table_schema"
            + " and c.table_name = k.referenced_table_name"
            + " and c.column_name = k.referenced_column_name"
            + " where k.constraint_schema = "
            + SqlNames.literal(database)
            + " group by k.table_name, k.constraint_name"
            + " having min(c.extra like '%auto_increment%') = 1";
    Set<String> numbered = new TreeSet<>();
    for (ResultRow row : ResultRow.of(client.executeFetchAsDba(sql, MOST))) {
      numbered.add(row.text("child") + "." + row.text("name"));
    }
    return numbered;
  }
}

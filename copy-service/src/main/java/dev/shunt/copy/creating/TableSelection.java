package dev.shunt.copy.creating;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.tabletclient.ResultRow;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.sql.SqlNames;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which tables a command moves, of those the source has. Names are taken as the source's server
 * spells them: where it compares names without case, so does the selection.
 */
final class TableSelection {
  private final TabletClient client;
  private final String database;
  private final String keyspace;
  private final Set<String> ofSource;

  /**
   * @param source a shard of the source
   * @param ofSource its base tables
   */
  TableSelection(Cluster cluster, ShardPrimary source, String keyspace, Set<String> ofSource) {
    this.client = cluster.client(source);
    this.database = source.database();
    this.keyspace = keyspace;
    this.ofSource = ofSource;
  }

  /** Refuses a command that names no tables. */
  static void requireWish(MoveTablesCreate command) {
    if (command.includeTables().isEmpty() && !command.allTables()) {
      throw Refusal.failedPrecondition("no tables to move").exception();
    }
  }

  /** The tables, sorted. Refuses unknown names and empty selections in Vitess's words. */
  List<String> select(MoveTablesCreate command) {
    List<String> included = spelled(command.includeTables());
    List<String> excluded = spelled(command.excludeTables());
    requireWish(command);
    requireAll(included);
    Collection<String> wanted = included.isEmpty() ? ofSource : included;
    requireAll(excluded.stream().filter(name -> !isOfAnotherKind(name)).toList());
    Set<String> selected = new TreeSet<>(wanted);
    selected.removeAll(Set.copyOf(excluded));
    if (selected.isEmpty()) {
      throw Refusal.failedPrecondition("no tables to move").exception();
    }
    return List.copyOf(selected);
  }

  /** What an earlier run selected; refused when the source has lost one of the tables since. */
  List<String> again(Set<String> selected) {
    requireAll(selected);
    return List.copyOf(selected);
  }

  /** Names as the source has them; what it does not have stays as it is. */
  List<String> spelled(Collection<String> names) {
    if (names.stream().allMatch(ofSource::contains)) {
      return List.copyOf(names);
    }
    boolean exact = names.stream().noneMatch(name -> others(name).size() == 1) || comparesCase();
    return names.stream()
        .map(name -> exact || ofSource.contains(name) ? name : spelled(name))
        .toList();
  }

  private String spelled(String name) {
    List<String> others = others(name);
    return others.size() == 1 ? others.getFirst() : name;
  }

  private List<String> others(String name) {
    return ofSource.contains(name)
        ? List.of()
        : ofSource.stream().filter(name::equalsIgnoreCase).toList();
  }

  private boolean comparesCase() {
    String sql = "select @@global.lower_case_table_names as name_rule";
    return ResultRow.of(client.executeFetchAsDba(sql, 1)).stream()
        .anyMatch(row -> row.text("name_rule").equals("0"));
  }

  /** Whether the source has a view, a sequence or the like of that name, which never moves. */
  private boolean isOfAnotherKind(String name) {
    if (ofSource.contains(name)) {
      return false;
    }
    String sql =
        "select table_name as name from information_schema.tables where table_schema = %s and"
                .formatted(SqlNames.literal(database))
            + " table_name = "
            + SqlNames.literal(name);
    return client.executeFetchAsDba(sql, 1).getRowsCount() > 0;
  }

  private void requireAll(Collection<String> names) {
    String missing =
        names.stream().filter(name -> !ofSource.contains(name)).collect(Collectors.joining(","));
    if (!missing.isEmpty()) {
      throw Refusal.failedPrecondition(
              "table(s) not found in source keyspace %s: %s", keyspace, missing)
          .exception();
    }
  }
}

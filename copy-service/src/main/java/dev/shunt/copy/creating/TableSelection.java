package dev.shunt.copy.creating;

import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.workflow.Refusal;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which tables a command moves, of those the source has. */
final class TableSelection {
  private TableSelection() {}

  /** The tables, sorted. Refuses unknown names and empty selections in Vitess's words. */
  static List<String> select(MoveTablesCreate command, Set<String> ofSource) {
    Collection<String> wanted;
    if (!command.includeTables().isEmpty()) {
      requireAll(command.sourceKeyspace(), command.includeTables(), ofSource);
      wanted = command.includeTables();
    } else if (command.allTables()) {
      wanted = ofSource;
    } else {
      throw Refusal.failedPrecondition("no tables to move").exception();
    }
    requireAll(command.sourceKeyspace(), command.excludeTables(), ofSource);
    Set<String> selected = new TreeSet<>(wanted);
    selected.removeAll(Set.copyOf(command.excludeTables()));
    if (selected.isEmpty()) {
      throw Refusal.failedPrecondition("no tables to move").exception();
    }
    return List.copyOf(selected);
  }

  /** What an earlier run selected; refused when the source has lost one of the tables since. */
  static List<String> again(String source, Set<String> selected, Set<String> ofSource) {
    requireAll(source, selected, ofSource);
    return List.copyOf(selected);
  }

  private static void requireAll(String keyspace, Collection<String> names, Set<String> ofSource) {
    List<String> missing = names.stream().filter(name -> !ofSource.contains(name)).toList();
    if (!missing.isEmpty()) {
      throw Refusal.failedPrecondition(
              "table(s) not found in source keyspace %s: %s", keyspace, String.join(",", missing))
          .exception();
    }
  }
}

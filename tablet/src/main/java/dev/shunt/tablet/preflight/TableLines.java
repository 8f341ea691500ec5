package dev.shunt.tablet.preflight;

import dev.shunt.mysql.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lines about single tables. */
final class TableLines {
  static final String INNODB = "InnoDB";

  private TableLines() {}

  /** Tables of another engine or kind. */
  static List<Finding> judge(List<ListedTable> tables, Scope scope) {
    List<Finding> findings = new ArrayList<>();
    for (ListedTable table : tables) {
      // A view or sequence that nobody named only stays behind.
      if (table.isTable() || scope.listed().isPresent()) {
        judge(table, scope.database()).ifPresent(findings::add);
      }
    }
    return findings;
  }

  private static Optional<Finding> judge(ListedTable table, String database) {
    String name = SqlText.qualified(database, table.name());
    if (table.isSystemVersioned()) {
      return Optional.of(
          Finding.of(
              Line.SYSTEM_VERSIONED,
              table.name(),
              "the table " + table.name() + " has system versioning, and such tables do not move",
              "ALTER TABLE " + name + " DROP SYSTEM VERSIONING"));
    }
    if (!table.isBase()) {
      return Optional.of(
          Finding.of(
              Line.TABLE_KIND,
              table.name(),
              table.name() + " is " + table.kind() + ", which does not move"));
    }
    return engine(table.name(), table.engine(), database);
  }

  /** Why a base table of this engine can't be streamed from or to. */
  static Optional<Finding> engine(String table, String engine, String database) {
    if (engine.equalsIgnoreCase(INNODB)) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.of(
            Line.ENGINE,
            table,
            engine.isEmpty()
                ? "the table " + table + " can't be opened by its server"
                : "the table " + table + " has the engine " + engine,
            "ALTER TABLE " + SqlText.qualified(database, table) + " ENGINE = InnoDB"));
  }
}

package dev.shunt.tablet.preflight;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.workflow.streams.Rules;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a server says of something that is listed among the tables of a database.
 *
 * @param type as information_schema has it: BASE TABLE, VIEW, SEQUENCE, SYSTEM VERSIONED, …
 * @param engine empty where there is none
 */
record ListedTable(String name, String type, String engine) {

  /** What is in the scope, by name. */
  static List<ListedTable> read(MysqlConnection connection, Scope scope) {
    if (scope.listed().isPresent() && scope.listed().get().isEmpty()) {
      return List.of();
    }
    String names =
        scope
            .listed()
            .map(listed ->
                listed.stream()
                    .sorted()
                    .map(SqlText::literal)
                    .collect(Collectors.joining(", ", " AND TABLE_NAME IN (", ")")))
            .orElse("");
    return connection
        .execute(
            "SELECT TABLE_NAME, TABLE_TYPE, COALESCE(ENGINE, '') FROM information_schema.TABLES"
                + " WHERE TABLE_SCHEMA = "
                + SqlText.literal(scope.database())
                + names
                + " ORDER BY TABLE_NAME")
        .rows()
        .stream()
        .map(row -> new ListedTable(row.text(0), row.text(1).toUpperCase(Locale.ROOT), row.text(2)))
        .filter(table ->
            scope.listed().isPresent()
                // Tables of online changes and such, which never move.
                || (!Rules.isInternal(table.name()) && scope.tables().test(table.name())))
        .toList();
  }

  boolean isBase() {
    return type.equals("BASE TABLE");
  }

  /** Whether it has rows of an application, as base tables and those with a history. */
  boolean isTable() {
    return isBase() || isSystemVersioned();
  }

  boolean isSystemVersioned() {
    return type.equals("SYSTEM VERSIONED");
  }

  /** What people call it. */
  String kind() {
    return switch (type) {
      case "VIEW" -> "a view";
      case "SEQUENCE" -> "a sequence";
      case "SYSTEM VERSIONED" -> "a system-versioned table";
      case "BASE TABLE" -> "a table";
      default -> "of the kind " + type;
    };
  }
}

package dev.shunt.tablet.preflight;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What belongs to tables that move and does not move with them: views, sequences, triggers,
 * routines and events of their database, and columns whose default is made by a sequence.
 */
final class UnmovedObjects {
  private static final int NAMES = 20;

  private final MysqlConnection connection;
  private final Scope scope;
  private final String database;

  UnmovedObjects(MysqlConnection connection, Scope scope) {
    this.connection = connection;
    this.scope = scope;
    this.database = SqlText.literal(scope.database());
  }

  /** Of a source: what stays behind, and what can't be made on the target. */
  List<Finding> source() {
    List<Finding> findings = new ArrayList<>(sequenceDefaults());
    TreeMap<String, Set<String>> behind = new TreeMap<>();
    for (ListedTable table : ListedTable.read(connection, Scope.all(scope.database(), ""))) {
      if (table.isBase() || (scope.listed().isPresent() && scope.tables().test(table.name()))) {
        continue;
      }
      String kind =
          switch (table.type()) {
            case "VIEW" -> "view";
            case "SEQUENCE" -> "sequence";
            case "SYSTEM VERSIONED" -> "system-versioned table";
            default -> table.type().toLowerCase(java.util.Locale.ROOT);
          };
      if (!(table.isSystemVersioned() && scope.tables().test(table.name()))) {
        behind.computeIfAbsent(kind, missing -> new TreeSet<>()).add(table.name());
      }
    }
    rows("SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME FROM information_schema.ROUTINES WHERE"
            + " ROUTINE_SCHEMA = "
            + database)
        .forEach(
            row -> behind.computeIfAbsent(row.getFirst(), k -> new TreeSet<>()).add(row.get(1)));
    rows("SELECT 'event', EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = "
            + database)
        .forEach(
            row -> behind.computeIfAbsent(row.getFirst(), k -> new TreeSet<>()).add(row.get(1)));
    behind.forEach((kind, names) ->
        findings.add(
            Finding.of(
                Line.STAYS_BEHIND,
                "",
                (names.size() == 1 ? kind + " " : kind + "s ") + listed(names))));
    triggers(Line.SOURCE_TRIGGERS, findings);
    return findings;
  }

  /** Of a target: triggers that act on what is replicated. */
  List<Finding> target() {
    List<Finding> findings = new ArrayList<>();
    triggers(Line.TARGET_TRIGGERS, findings);
    return findings;
  }

  private void triggers(Line line, List<Finding> findings) {
    Set<String> triggers = new TreeSet<>();
    for (List<String> row :
        rows(
            "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE"
                + " EVENT_OBJECT_SCHEMA = "
                + database)) {
      if (scope.tables().test(row.getFirst())) {
        triggers.add(row.get(1) + " of " + row.getFirst());
      }
    }
    if (!triggers.isEmpty()) {
      findings.add(
          Finding.of(
              line, "", (triggers.size() == 1 ? "trigger " : "triggers ") + listed(triggers)));
    }
  }

  private List<Finding> sequenceDefaults() {
    if (!connection.flavor().catalog().hasSequences()) {
      return List.of();
    }
    List<Finding> findings = new ArrayList<>();
    for (List<String> row :
        rows(
            "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE"
                + " TABLE_SCHEMA = "
                + database
                + " AND LOWER(COLUMN_DEFAULT) REGEXP"
                + " '(nextval|lastval|setval)[ ]*[(]|(next|previous)[ ]+value[ ]+for'")) {
      if (scope.tables().test(row.getFirst())) {
        findings.add(
            Finding.of(
                Line.SEQUENCE_DEFAULT,
                row.getFirst(),
                "the column "
                    + row.get(1)
                    + " of "
                    + row.getFirst()
                    + " takes its default from a sequence: "
                    + row.get(2),
                "ALTER TABLE "
                    + SqlText.qualified(scope.database(), row.getFirst())
                    + " ALTER COLUMN "
                    + SqlText.identifier(row.get(1))
                    + " DROP DEFAULT"));
      }
    }
    return findings;
  }

  /** Rows as text; none where the account may not ask. */
  private List<List<String>> rows(String statement) {
    try {
      return connection.execute(statement).rows().stream()
          .map(row -> {
            List<String> values = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
              values.add(row.isNull(i) ? "" : row.text(i));
            }
            return values;
          })
          .toList();
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      return List.of();
    }
  }

  private static String listed(Set<String> names) {
    String first = names.stream().limit(NAMES).collect(Collectors.joining(", "));
    return names.size() > NAMES ? first + " and " + (names.size() - NAMES) + " more" : first;
  }
}

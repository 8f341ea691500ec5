package dev.shunt.tablet.query;

import dev.shunt.tablet.TabletException;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.TableName;
import io.grpc.Status;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Keeps applications' statements to the tablet's own database. A server may hold those of several
 * keyspaces; a statement that names a table of another one would pass by the denied tables of the
 * tablet that it belongs to. What the server itself keeps may be read through any tablet.
 */
final class OwnDatabase {
  private static final Set<String> SERVER =
      Set.of("information_schema", "performance_schema", "mysql", "sys");

  private static final int REMEMBERED = 2000;

  private final String database;
  private final String sidecar;
  private final SqlParser parser;

  /** Texts with a dot in them that were found to be all right. */
  private final Set<String> passed = ConcurrentHashMap.newKeySet();

  OwnDatabase(String database, String sidecar, SqlParser parser) {
    this.database = database.toLowerCase(Locale.ROOT);
    this.sidecar = sidecar.toLowerCase(Locale.ROOT);
    this.parser = parser;
  }

  /**
   * Makes sure that a statement names tables of this database only.
   *
   * @throws TabletException INVALID_ARGUMENT when it doesn't, or when that can't be told
   */
  void check(AppStatement statement) {
    boolean touchesNone =
        statement.kind() == AppStatement.Kind.METADATA
            || statement.kind() == AppStatement.Kind.SAVEPOINT;
    if (statement.qualifiers().isEmpty()
        || (touchesNone && !statement.hidesText())
        || passed.contains(statement.sql())) {
      return;
    }
    Set<String> others =
        statement.qualifiers().stream()
            .filter(name -> !allowed(name, statement.kind()))
            .collect(Collectors.toSet());
    if (!others.isEmpty()) {
      checkTables(statement, others);
    }
    if (passed.size() >= REMEMBERED) {
      passed.clear();
    }
    passed.add(statement.sql());
  }

  /** Most names in front of a dot are those of tables or aliases, in front of a column. */
  private void checkTables(AppStatement statement, Set<String> others) {
    if (statement.kind() == AppStatement.Kind.CALL || statement.hidesText()) {
      throw refused(others.iterator().next());
    }
    List<TableName> tables;
    try {
      tables = parser.tables(statement.withoutVariables());
    } catch (SqlException e) {
      if (statement.kind() == AppStatement.Kind.READ || statement.aliases().containsAll(others)) {
        return;
      }
      throw refused(others.iterator().next());
    }
    if (tables.isEmpty() && statement.kind() != AppStatement.Kind.READ) {
      throw refused(others.iterator().next());
    }
    for (TableName table : tables) {
      String qualifier = table.qualifier().toLowerCase(Locale.ROOT);
      if (!qualifier.isEmpty() && !allowed(qualifier, statement.kind())) {
        throw refused(table.qualifier());
      }
    }
  }

  private boolean allowed(String name, AppStatement.Kind kind) {
    boolean reads = kind == AppStatement.Kind.READ || kind == AppStatement.Kind.METADATA;
    return name.equals(database) || (reads && (SERVER.contains(name) || name.equals(sidecar)));
  }

  private TabletException refused(String other) {
    return new TabletException(
        Status.Code.INVALID_ARGUMENT,
        "the statement names a table of database "
            + other
            + ", this tablet serves "
            + database
            + "; send it to a tablet of its keyspace, or leave the database out");
  }
}

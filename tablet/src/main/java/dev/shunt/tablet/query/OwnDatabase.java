package dev.shunt.tablet.query;

import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.TableName;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
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

  /** Characters; longer ones are mostly rows that come only once. */
  private static final int LONGEST_REMEMBERED = 4096;

  /** What a trigger calls the rows that it is about. */
  private static final Set<String> ROWS = Set.of("new", "old");

  private final String database;
  private final String sidecar;
  private final SqlParser parser;

  /** Texts that had to be parsed and were found to be all right. */
  private final Set<String> passed = ConcurrentHashMap.newKeySet();

  OwnDatabase(String database, String sidecar, SqlParser parser) {
    this.database = database.toLowerCase(Locale.ROOT);
    this.sidecar = sidecar.toLowerCase(Locale.ROOT);
    this.parser = parser;
  }

  /**
   * Makes sure that a statement names tables of this database only.
   *
   * @throws RpcException INVALID_ARGUMENT when it doesn't, or when that is not certain
   */
  void check(AppStatement statement) {
    boolean touchesNone =
        statement.kind() == AppStatement.Kind.METADATA
            || statement.kind() == AppStatement.Kind.SAVEPOINT;
    if (statement.qualifiers().isEmpty() || touchesNone || passed.contains(statement.sql())) {
      return;
    }
    Set<String> others =
        statement.qualifiers().stream()
            .filter(name -> !allowed(name, statement))
            .collect(Collectors.toSet());
    if (others.isEmpty()) {
      return;
    }
    checkTables(statement, others);
    if (statement.sql().length() > LONGEST_REMEMBERED) {
      return;
    }
    if (passed.size() >= REMEMBERED) {
      passed.clear();
    }
    passed.add(statement.sql());
  }

  /** Most names in front of a dot are those of tables or aliases, in front of a column. */
  private void checkTables(AppStatement statement, Set<String> others) {
    if (statement.kind() == AppStatement.Kind.CALL) {
      throw refused(others.iterator().next());
    }
    List<TableName> tables;
    try {
      tables = parser.tables(statement.withoutVariables());
    } catch (SqlException | SqlSyntaxException e) {
      boolean harmless =
          statement.kind() == AppStatement.Kind.READ || statement.aliases().containsAll(others);
      if (harmless) {
        return;
      }
      throw refused(others.iterator().next());
    }
    if (tables.isEmpty() && statement.kind() != AppStatement.Kind.READ) {
      throw refused(others.iterator().next());
    }
    for (TableName table : tables) {
      String qualifier = table.qualifier().toLowerCase(Locale.ROOT);
      if (!qualifier.isEmpty() && !allowed(qualifier, statement)) {
        throw refused(table.qualifier());
      }
    }
  }

  private boolean allowed(String name, AppStatement statement) {
    boolean reads =
        statement.kind() == AppStatement.Kind.READ
            || statement.kind() == AppStatement.Kind.METADATA;
    return name.equals(database)
        || (reads && (SERVER.contains(name) || name.equals(sidecar)))
        || (ROWS.contains(name) && isTrigger(statement));
  }

  private static boolean isTrigger(AppStatement statement) {
    return statement.kind() == AppStatement.Kind.DDL
        && statement.sql().toLowerCase(Locale.ROOT).contains("trigger");
  }

  private RpcException refused(String other) {
    return new RpcException(
        Status.Code.INVALID_ARGUMENT,
        "the statement names a table of database "
            + other
            + ", this tablet serves "
            + database
            + "; send it to a tablet of its keyspace, or leave the database out");
  }
}

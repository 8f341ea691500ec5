package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.workflow.sql.SqlException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.TableName;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import tabletmanagerdata.Tabletmanagerdata.GetSchemaRequest;
import tabletmanagerdata.Tabletmanagerdata.SchemaChangeResult;
import tabletmanagerdata.Tabletmanagerdata.SchemaDefinition;
import tabletmanagerdata.Tabletmanagerdata.TableDefinition;

/**
 * Tries changes on a copy of the schema without rows, which is gone afterwards. Unlike a vttablet
 * it refuses statements that could reach anything beside the copy, for that would be no trial.
 */
final class SchemaPreflight {
  private static final String COPY = "_vt_preflight";
  private static final GetSchemaRequest EVERYTHING =
      GetSchemaRequest.newBuilder().setIncludeViews(true).build();
  private static final Set<String> CHANGES =
      Set.of("create", "alter", "drop", "rename", "truncate");
  private static final Set<String> BEYOND =
      Set.of(
          "database",
          "schema",
          "user",
          "role",
          "server",
          "event",
          "tablespace",
          "logfile",
          "instance",
          "undo",
          "resource",
          "function",
          "procedure",
          "trigger");

  private final SchemaReader schema;
  private final SchemaReader copied = new SchemaReader(COPY);
  private final SqlParser parser = SqlParser.create();

  SchemaPreflight(SchemaReader schema) {
    this.schema = schema;
  }

  /**
   * Tries changes one after another.
   *
   * @param connection a session that is not used again without being reset
   * @param changes statements of each change
   * @return the schema before and after each
   * @throws TabletException INVALID_ARGUMENT for statements that are no changes of tables or views,
   *     or that name databases
   */
  List<SchemaChangeResult> run(MysqlConnection connection, List<List<String>> changes) {
    changes.forEach(change -> change.forEach(this::check));
    String mode = connection.execute("SELECT @@SESSION.sql_mode").only().text(0);
    connection.execute("SET SESSION sql_log_bin = 0");
    connection.execute("SET SESSION foreign_key_checks = 0");
    drop(connection);
    try {
      // What is there may be older than the modes of today.
      connection.sqlMode("");
      copy(connection, schema.read(connection, EVERYTHING));
      connection.sqlMode(mode);
      List<SchemaChangeResult> results = new ArrayList<>();
      SchemaDefinition before = copied.read(connection, EVERYTHING);
      for (List<String> change : changes) {
        connection.use(COPY);
        change.forEach(connection::execute);
        SchemaDefinition after = copied.read(connection, EVERYTHING);
        results.add(
            SchemaChangeResult.newBuilder().setBeforeSchema(before).setAfterSchema(after).build());
        before = after;
      }
      return results;
    } finally {
      if (!connection.isClosed()) {
        drop(connection);
      }
    }
  }

  private static void drop(MysqlConnection connection) {
    connection.execute("DROP DATABASE IF EXISTS " + COPY);
  }

  private static void copy(MysqlConnection connection, SchemaDefinition of) {
    connection.execute(inCopy(of.getDatabaseSchema()));
    connection.use(COPY);
    Deque<TableDefinition> views = new ArrayDeque<>();
    for (TableDefinition table : of.getTableDefinitionsList()) {
      if (table.getType().equals(SchemaReader.VIEW)) {
        views.add(table);
      } else {
        connection.execute(table.getSchema());
      }
    }
    int failed = 0;
    while (!views.isEmpty()) {
      TableDefinition view = views.removeFirst();
      try {
        connection.execute(inCopy(view.getSchema()));
        failed = 0;
      } catch (MysqlException e) {
        // It may read one that comes later.
        failed++;
        views.add(view);
        if (failed > views.size() || e.connectionLost()) {
          throw e;
        }
      }
    }
  }

  private static String inCopy(String create) {
    return create.replace(SchemaReader.DATABASE_PLACE, SqlText.identifier(COPY));
  }

  private void check(String statement) {
    List<SqlToken> tokens = SqlLexer.lex(statement).tokens();
    boolean change =
        CHANGES.contains(tokens.getFirst().lower())
            && tokens.stream().limit(6).map(SqlToken::lower).noneMatch(BEYOND::contains);
    if (!change) {
      throw refuse("only changes of tables and views can be tried: " + statement);
    }
    List<TableName> tables;
    try {
      tables = parser.tables(statement);
    } catch (SqlException e) {
      throw new TabletException(Status.Code.INVALID_ARGUMENT, e.getMessage() + ": " + statement, e);
    }
    if (tables.isEmpty() || tables.stream().anyMatch(table -> !table.qualifier().isEmpty())) {
      throw refuse("tables must be named without their database: " + statement);
    }
  }

  private static TabletException refuse(String message) {
    return new TabletException(Status.Code.INVALID_ARGUMENT, message);
  }
}

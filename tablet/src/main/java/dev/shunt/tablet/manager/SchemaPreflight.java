package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.ServerComments;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlToken;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
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
  private static final Set<String> KINDS = Set.of("table", "tables", "view", "index");
  private static final Set<String> OTHER_KINDS =
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
          "trigger",
          "sequence",
          "package");

  private final SchemaDefinitionReader schema;
  private final SchemaDefinitionReader copied = new SchemaDefinitionReader(COPY);

  SchemaPreflight(SchemaDefinitionReader schema) {
    this.schema = schema;
  }

  /**
   * Tries changes one after another.
   *
   * @param connection a session that is not used again without being reset
   * @param requested statements of each change
   * @return the schema before and after each
   * @throws RpcException INVALID_ARGUMENT for statements that are no changes of tables or views, or
   *     that name databases
   */
  List<SchemaChangeResult> run(MysqlConnection connection, List<List<String>> requested) {
    List<List<String>> changes =
        requested.stream()
            .map(change ->
                change.stream().map(sql -> ServerComments.asRead(connection, sql)).toList())
            .toList();
    Set<String> databases =
        connection.execute("SELECT schema_name FROM information_schema.schemata").rows().stream()
            .map(row -> row.text(0).toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    changes.forEach(change -> change.forEach(statement -> check(statement, databases)));
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
      if (table.getType().equals(SchemaDefinitionReader.VIEW)) {
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
    return create.replace(SchemaDefinitionReader.DATABASE_PLACE, SqlText.identifier(COPY));
  }

  private static void check(String statement, Set<String> databases) {
    List<SqlToken> tokens = SqlLexer.lex(statement).tokens();
    if (tokens.isEmpty() || !changesTables(tokens)) {
      throw refuse("only changes of tables and views can be tried: " + statement);
    }
    for (int i = 0; i + 1 < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      boolean qualifier =
          token.isName() && tokens.get(i + 1).is('.') && (i == 0 || !tokens.get(i - 1).is('.'));
      if (qualifier && databases.contains(token.lower())) {
        throw refuse("tables must be named without their database: " + statement);
      }
    }
  }

  private static boolean changesTables(List<SqlToken> tokens) {
    String verb = tokens.getFirst().lower();
    if (!CHANGES.contains(verb)) {
      return false;
    }
    for (SqlToken token : tokens.subList(1, tokens.size())) {
      boolean word = token.kind() == SqlToken.Kind.WORD;
      if (word && KINDS.contains(token.lower())) {
        return true;
      }
      if (word && OTHER_KINDS.contains(token.lower())) {
        return false;
      }
    }
    return verb.equals("truncate");
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.INVALID_ARGUMENT, message);
  }
}

package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.RowCursor;
import dev.shunt.mysql.SqlText;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.database.Fences;
import dev.shunt.tablet.database.KillOnCancel;
import dev.shunt.tablet.sql.SidecarStatements;
import dev.shunt.tabletclient.Fence;
import dev.shunt.workflow.sql.lexer.SqlLexer;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import tabletmanagerdata.Tabletmanagerdata.ApplySchemaRequest;
import tabletmanagerdata.Tabletmanagerdata.ApplySchemaResponse;
import tabletmanagerdata.Tabletmanagerdata.GetSchemaRequest;
import tabletmanagerdata.Tabletmanagerdata.SchemaChangeResult;
import tabletmanagerdata.Tabletmanagerdata.SchemaDefinition;
import tabletmanagerdata.Tabletmanagerdata.ValidateVReplicationPermissionsResponse;

/**
 * Statements and schema changes of administrators. They pass no denied tables; each has a session
 * of its own, so locks and settings end with it.
 */
public final class Administration {
  private static final int TABLE_ACCESS_DENIED = 1142;
  private static final int LOCK_WAIT_TIMEOUT = 1205;

  private final TabletIdentity identity;
  private final ConnectionPool pool;
  private final Fences fences;
  private final SchemaDefinitionReader schema;
  private final SchemaPreflight preflight;
  private final ReentrantLock oneChangeAtATime = new ReentrantLock();

  /**
   * Works on a tablet's database.
   *
   * @param pool gives fresh sessions
   */
  public Administration(TabletIdentity identity, ConnectionPool pool, Fences fences) {
    this.identity = identity;
    this.pool = pool;
    this.fences = fences;
    this.schema = new SchemaDefinitionReader(identity.database());
    this.preflight = new SchemaPreflight(schema);
  }

  /**
   * How to run statements.
   *
   * @param database default database; empty for the tablet's own
   * @param maxRows most rows a result may have, as in Vitess also when it is 0; below 0 there is no
   *     limit
   * @param withoutBinlog whether nothing goes to the binlog
   * @param withoutForeignKeyChecks whether foreign keys are not checked
   */
  public record Settings(
      String database, long maxRows, boolean withoutBinlog, boolean withoutForeignKeyChecks) {}

  /**
   * Runs one statement.
   *
   * @throws RpcException INVALID_ARGUMENT for more than one
   */
  public QueryResult fetch(String sql, Settings settings, Optional<Fence> fence)
      throws InterruptedException {
    List<String> statements = split(sql);
    if (statements.size() != 1) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "one statement expected, got " + statements.size() + "; use ExecuteMultiFetchAsDba");
    }
    return fetchAll(statements, settings, fence).getFirst();
  }

  /** Runs statements one after another; an error ends them, those before it have taken effect. */
  public List<QueryResult> fetchMulti(String sql, Settings settings, Optional<Fence> fence)
      throws InterruptedException {
    List<String> statements = split(sql);
    if (statements.isEmpty()) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, "query was empty");
    }
    return fetchAll(statements, settings, fence);
  }

  private static List<String> split(String sql) {
    try {
      return SidecarStatements.split(sql);
    } catch (SqlSyntaxException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  private List<QueryResult> fetchAll(
      List<String> statements, Settings settings, Optional<Fence> fence)
      throws InterruptedException {
    try (ConnectionPool.Lease lease = pool.borrow()) {
      MysqlConnection connection = lease.connection();
      raise(connection, fence);
      useDatabase(connection, settings.database);
      if (settings.withoutBinlog) {
        connection.execute("SET SESSION sql_log_bin = 0");
      }
      if (settings.withoutForeignKeyChecks) {
        connection.execute("SET SESSION foreign_key_checks = 0");
      }
      List<QueryResult> results = new ArrayList<>();
      for (String statement : statements) {
        String qualified = SidecarStatements.qualify(statement, identity.sidecar());
        try (KillOnCancel _ = new KillOnCancel(connection)) {
          results.add(fetchOne(connection, qualified, settings.maxRows));
        }
      }
      return results;
    }
  }

  /** Distinguished from locks that the statements themselves meet. */
  private void raise(MysqlConnection connection, Optional<Fence> fence) {
    try (KillOnCancel _ = new KillOnCancel(connection)) {
      fences.raiseAlone(connection, fence);
    } catch (MysqlException e) {
      if (e.errno() == LOCK_WAIT_TIMEOUT) {
        throw new RpcException(
            Status.Code.UNAVAILABLE,
            "another call with a fence has not ended yet, nothing was run: " + e.getMessage(),
            e);
      }
      throw e;
    }
  }

  /** A database that isn't there is no error until a statement needs it, as in vttablet. */
  private void useDatabase(MysqlConnection connection, String name) {
    try {
      connection.use(name.isEmpty() ? identity.database() : name);
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
    }
  }

  private static QueryResult fetchOne(MysqlConnection connection, String sql, long maxRows) {
    // Those with rows are cut off; of others, ANALYZE for one, the few rows are counted afterwards.
    if (maxRows < 0 || !mayHaveRows(sql)) {
      QueryResult result = connection.execute(sql);
      if (maxRows >= 0 && result.rows().size() > maxRows) {
        throw tooMany(maxRows);
      }
      return result;
    }
    try (RowCursor cursor = connection.stream(sql)) {
      List<Row> rows = new ArrayList<>();
      while (cursor.next()) {
        if (rows.size() == maxRows) {
          throw tooMany(maxRows);
        }
        rows.add(cursor.row());
      }
      return new QueryResult(cursor.columns(), rows, 0, 0, 0, "");
    }
  }

  private static RpcException tooMany(long maxRows) {
    return new RpcException(
        Status.Code.ABORTED, "Row count exceeded " + maxRows + " (errno 10001) (sqlstate HY000)");
  }

  private static boolean mayHaveRows(String sql) {
    return switch (SqlLexer.lex(sql).tokens().getFirst().lower()) {
      case "select", "show", "with", "(", "table", "describe", "desc", "explain", "values" -> true;
      default -> false;
    };
  }

  /** The schema that a request selects. */
  public SchemaDefinition schema(GetSchemaRequest request) throws InterruptedException {
    try (ConnectionPool.Lease lease = pool.borrow();
        KillOnCancel _ = new KillOnCancel(lease.connection())) {
      return schema.read(lease.connection(), request);
    }
  }

  /**
   * Changes the schema.
   *
   * @throws RpcException FAILED_PRECONDITION when the schema is not what the request expects
   */
  public ApplySchemaResponse apply(ApplySchemaRequest request, Optional<Fence> fence)
      throws InterruptedException {
    oneChangeAtATime.lockInterruptibly();
    try (ConnectionPool.Lease lease = pool.borrow()) {
      return apply(request, fence, lease.connection());
    } finally {
      oneChangeAtATime.unlock();
    }
  }

  private ApplySchemaResponse apply(
      ApplySchemaRequest request, Optional<Fence> fence, MysqlConnection connection) {
    GetSchemaRequest everything = GetSchemaRequest.newBuilder().setIncludeViews(true).build();
    raise(connection, fence);
    SchemaDefinition before = schema.read(connection, everything);
    if (request.hasBeforeSchema() && !same(before, request.getBeforeSchema())) {
      if (request.hasAfterSchema() && same(before, request.getAfterSchema())) {
        return ApplySchemaResponse.newBuilder()
            .setBeforeSchema(before)
            .setAfterSchema(before)
            .build();
      }
      if (!request.getForce()) {
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION,
            "the schema is not what before_schema says; nothing was changed");
      }
    }
    if (!request.getAllowReplication()) {
      connection.execute("SET SESSION sql_log_bin = 0");
    }
    if (!request.getSqlMode().isEmpty()) {
      connection.sqlMode(request.getSqlMode());
    }
    if (request.getDisableForeignKeyChecks()) {
      connection.execute("SET SESSION foreign_key_checks = 0");
    }
    connection.use(identity.database());
    try (KillOnCancel _ = new KillOnCancel(connection)) {
      for (String statement : split(request.getSql())) {
        connection.execute(statement);
      }
    }
    SchemaDefinition after = schema.read(connection, everything);
    boolean unexpected = request.hasAfterSchema() && !same(after, request.getAfterSchema());
    if (unexpected && !request.getForce()) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "the schema was changed but is not what after_schema says");
    }
    return ApplySchemaResponse.newBuilder().setBeforeSchema(before).setAfterSchema(after).build();
  }

  /**
   * Tries changes on a copy of the schema, which is gone afterwards.
   *
   * @return the schema before and after each
   * @throws RpcException INVALID_ARGUMENT for statements that are no changes of tables or views, or
   *     that name databases
   */
  public List<SchemaChangeResult> preflight(List<String> changes) throws InterruptedException {
    List<List<String>> statements = changes.stream().map(Administration::split).toList();
    oneChangeAtATime.lockInterruptibly();
    try (ConnectionPool.Lease lease = pool.borrow();
        KillOnCancel _ = new KillOnCancel(lease.connection())) {
      return preflight.run(lease.connection(), statements);
    } finally {
      oneChangeAtATime.unlock();
    }
  }

  /** Equal by the texts of tables and views. */
  private static boolean same(SchemaDefinition one, SchemaDefinition other) {
    return texts(one).equals(texts(other));
  }

  private static List<String> texts(SchemaDefinition schema) {
    return schema.getTableDefinitionsList().stream()
        .map(table -> table.getName() + ": " + table.getSchema())
        .sorted()
        .toList();
  }

  /** Lets the server take writes or not. */
  public void setReadOnly(boolean readOnly) throws InterruptedException {
    try (ConnectionPool.Lease lease = pool.borrow()) {
      MysqlConnection connection = lease.connection();
      String value = readOnly ? "ON" : "OFF";
      for (String variable : connection.flavor().replication().readOnly()) {
        connection.execute("SET GLOBAL " + variable + " = " + value);
      }
    }
  }

  /** Tries what streams do with their rows, in a transaction that is rolled back. */
  public ValidateVReplicationPermissionsResponse validateVReplicationPermissions()
      throws InterruptedException {
    String table = SqlText.qualified(identity.sidecar(), StreamRows.TABLE);
    String dummy = SqlText.literal("__validate_" + System.nanoTime());
    try (ConnectionPool.Lease lease = pool.borrow()) {
      MysqlConnection connection = lease.connection();
      ValidateVReplicationPermissionsResponse.Builder response =
          ValidateVReplicationPermissionsResponse.newBuilder()
              .setUser(connection.execute("SELECT CURRENT_USER()").only().text(0));
      connection.execute("START TRANSACTION");
      try {
        connection.execute("SELECT id FROM " + table + " LIMIT 1");
        connection.execute(
            "INSERT INTO "
                + table
                + " (workflow, source, pos, max_tps, max_replication_lag, time_updated,"
                + " transaction_timestamp, state, db_name, options) VALUES ("
                + dummy
                + ", '', '', 0, 0, 0, 0, "
                + SqlText.literal(StreamState.STOPPED.text())
                + ", "
                + dummy
                + ", '{}')");
        connection.execute("UPDATE " + table + " SET message = '' WHERE workflow = " + dummy);
        connection.execute("DELETE FROM " + table + " WHERE workflow = " + dummy);
        return response.setOk(true).build();
      } catch (MysqlException e) {
        if (e.errno() != TABLE_ACCESS_DENIED) {
          throw e;
        }
        return response.setOk(false).setError(String.valueOf(e.getMessage())).build();
      } finally {
        if (!connection.isClosed()) {
          connection.execute("ROLLBACK");
        }
      }
    }
  }
}

package dev.shunt.tablet.query;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.RowCursor;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.database.KillOnCancel;
import dev.shunt.tablet.rpc.MysqlErrors;
import dev.shunt.tablet.sql.BindVariables;
import dev.shunt.workflow.sql.lexer.ExecutableComments;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;

/** Runs applications' statements: by themselves or in a transaction, all through the gate. */
public final class QueryExecutor implements AutoCloseable {
  private static final int STREAM_BYTES = 256 * 1024;

  private final ConnectionPool pool;
  private final ConnectionPool foundRowsPool;
  private final OpenTransactions transactions;
  private final StatementGate gate;

  /** Uses the pools for statements and transactions alike. */
  public QueryExecutor(
      ConnectionPool pool,
      ConnectionPool foundRowsPool,
      ConnectionPool transactionPool,
      ConnectionPool foundRowsTransactionPool,
      StatementGate gate,
      Duration transactionTimeout) {
    this.pool = pool;
    this.foundRowsPool = foundRowsPool;
    this.transactions =
        new OpenTransactions(transactionPool, foundRowsTransactionPool, transactionTimeout);
    this.gate = gate;
  }

  /** Opens a transaction and returns its id. */
  public long begin(Query.ExecuteOptions options) throws InterruptedException {
    return transactions.begin(options);
  }

  /** Commits a transaction. */
  public void commit(long transactionId) {
    transactions.commit(transactionId);
  }

  /** Rolls a transaction back. */
  public void rollback(long transactionId) {
    transactions.rollback(transactionId);
  }

  /**
   * Returns when no transaction is open any more; those that are still open after a while are
   * rolled back.
   *
   * @param grace how long they have to end by themselves
   * @param why what callers who come too late are told
   */
  public void endTransactions(Duration grace, String why) throws InterruptedException {
    transactions.endAll(grace, why);
  }

  /** Makes sure that a statement would be let through now, before something is begun for it. */
  public void check(Query.BoundQuery query) throws InterruptedException {
    gate.admit(AppStatement.of(asRead(query).getSql())).close();
  }

  /** What is judged is sent, so that it is the same whatever the server makes of comments. */
  private Query.BoundQuery asRead(Query.BoundQuery query) throws InterruptedException {
    String sql = query.getSql();
    return ExecutableComments.mayBeIn(sql)
        ? query.toBuilder().setSql(ExecutableComments.resolve(sql, pool.server())).build()
        : query;
  }

  /** Runs a statement; outside of a transaction (id 0) it commits by itself. */
  public Query.QueryResult execute(
      Query.BoundQuery received, long transactionId, Query.ExecuteOptions options)
      throws InterruptedException {
    Query.BoundQuery query = asRead(received);
    AppStatement statement = statement(query, transactionId);
    byte[] sql = bytes(query);
    QueryResult result;
    if (transactionId != 0) {
      result =
          transactions.use(
              transactionId, mayCommit(statement), lease -> run(lease, statement, sql));
    } else {
      result = alone(statement, sql, options);
    }
    return QueryResults.encode(result, options.getIncludedFields());
  }

  private QueryResult alone(AppStatement statement, byte[] sql, Query.ExecuteOptions options)
      throws InterruptedException {
    ConnectionPool from = options.getClientFoundRows() ? foundRowsPool : pool;
    try (ConnectionPool.Lease lease = from.borrow()) {
      return run(lease, statement, sql);
    } catch (MysqlException e) {
      boolean harmless =
          statement.kind() == AppStatement.Kind.READ
              || statement.kind() == AppStatement.Kind.METADATA;
      if (!e.connectionLost() || !harmless) {
        throw e;
      }
    }
    // A pooled connection that the server had closed; nothing was changed by it.
    try (ConnectionPool.Lease lease = from.borrow()) {
      return run(lease, statement, sql);
    }
  }

  private static boolean mayCommit(AppStatement statement) {
    return statement.kind() == AppStatement.Kind.CALL;
  }

  private QueryResult run(ConnectionPool.Lease lease, AppStatement statement, byte[] sql)
      throws InterruptedException {
    return admitted(
        lease,
        statement,
        () -> {
          try (KillOnCancel _ = new KillOnCancel(lease.connection())) {
            return lease.connection().execute(sql);
          }
        });
  }

  private <T> T admitted(
      ConnectionPool.Lease lease, AppStatement statement, SameTransaction.Work<T> work)
      throws InterruptedException {
    try (StatementGate.Admission _ = gate.enter(statement)) {
      return new SameTransaction(lease, statement).run(work);
    } catch (MysqlException e) {
      throw statement.kind() == AppStatement.Kind.CALL ? MysqlErrors.afterCall(e) : e;
    }
  }

  /** Streams a query's rows: first a message with its columns, then rows. */
  public void stream(
      Query.BoundQuery received,
      long transactionId,
      Query.ExecuteOptions options,
      StreamSink<Query.QueryResult> sink)
      throws InterruptedException {
    Query.BoundQuery query = asRead(received);
    AppStatement statement = statement(query, transactionId);
    byte[] sql = bytes(query);
    if (transactionId != 0) {
      var unused =
          transactions.<Boolean>use(
              transactionId,
              mayCommit(statement),
              lease -> {
                stream(lease, statement, sql, options, sink);
                return true;
              });
      return;
    }
    try (ConnectionPool.Lease lease =
        (options.getClientFoundRows() ? foundRowsPool : pool).borrow()) {
      stream(lease, statement, sql, options, sink);
    }
  }

  private void stream(
      ConnectionPool.Lease lease,
      AppStatement statement,
      byte[] sql,
      Query.ExecuteOptions options,
      StreamSink<Query.QueryResult> sink)
      throws InterruptedException {
    var _ =
        admitted(
            lease,
            statement,
            () -> {
              stream(lease.connection(), sql, options, sink);
              return true;
            });
  }

  private static void stream(
      MysqlConnection connection,
      byte[] sql,
      Query.ExecuteOptions options,
      StreamSink<Query.QueryResult> sink)
      throws InterruptedException {
    try (KillOnCancel _ = new KillOnCancel(connection);
        RowCursor rows = connection.stream(sql)) {
      sink.accept(
          Query.QueryResult.newBuilder()
              .addAllFields(QueryResults.fields(rows.columns(), options.getIncludedFields()))
              .build());
      Query.QueryResult.Builder batch = Query.QueryResult.newBuilder();
      int bytes = 0;
      while (rows.next()) {
        batch.addRows(QueryResults.row(rows.row()));
        bytes += rows.rowBytes();
        if (bytes >= STREAM_BYTES) {
          sink.accept(batch.build());
          batch.clear();
          bytes = 0;
        }
      }
      if (batch.getRowsCount() > 0) {
        sink.accept(batch.build());
      }
    }
  }

  private AppStatement statement(Query.BoundQuery query, long transactionId) {
    AppStatement statement = AppStatement.of(query.getSql());
    if (transactionId != 0 && statement.kind() == AppStatement.Kind.DDL) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "a statement that changes tables would commit the transaction; run it outside");
    }
    if (transactionId == 0 && statement.kind() == AppStatement.Kind.SAVEPOINT) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, "a savepoint needs a transaction");
    }
    gate.requireOwnDatabase(statement); // it may be slow: before a connection is borrowed
    return statement;
  }

  private static byte[] bytes(Query.BoundQuery query) {
    try {
      return BindVariables.substitute(query);
    } catch (SqlSyntaxException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    transactions.close();
  }
}

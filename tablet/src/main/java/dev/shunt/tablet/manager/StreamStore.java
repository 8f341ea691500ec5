package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.database.Fences;
import dev.shunt.tablet.database.KillOnCancel;
import dev.shunt.tablet.database.VReplicationLog;
import dev.shunt.tablet.rpc.MysqlErrors;
import dev.shunt.tablet.sql.SidecarStatement;
import dev.shunt.tablet.sql.SidecarStatements;
import dev.shunt.tabletclient.Fence;
import dev.shunt.workflow.sql.lexer.SqlSyntaxException;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * The only way by which others than the engine change {@code _vt.vreplication}: one call at a time;
 * the streams concerned are stopped, the rows are changed in one transaction together with the
 * log's entries and the fence, and the streams are started again.
 */
public final class StreamStore {
  private static final String JOURNAL = "resharding_journal";

  private final String sidecar;
  private final ConnectionPool pool;
  private final VReplicationEngine engine;
  private final StreamRows rows;
  private final Fences fences;
  private final BooleanSupplier primary;
  private final Runnable changed;

  /**
   * Works on a sidecar database.
   *
   * @param database whose streams are changed; the sidecar may hold those of other tablets
   * @param primary whether the tablet is primary; on others rows are only read
   * @param changed called after each change of rows
   */
  public StreamStore(
      String sidecar,
      String database,
      ConnectionPool pool,
      Fences fences,
      VReplicationEngine engine,
      BooleanSupplier primary,
      Runnable changed) {
    this.sidecar = sidecar;
    this.pool = pool;
    this.engine = engine;
    this.primary = primary;
    this.rows = new StreamRows(sidecar, database);
    this.fences = fences;
    this.changed = changed;
  }

  /**
   * A statement and the streams it is to change.
   *
   * @param exactly whether it must change all of them
   */
  private record Planned(SidecarStatement statement, Set<Integer> ids, boolean exactly) {}

  /**
   * Runs statements on the sidecar's tables, all of them in one transaction.
   *
   * @param fence guards the transaction when given
   * @param several whether there may be more than one statement
   * @return the last query's rows if it comes last, else the sum of the rows changed and the first
   *     generated id
   * @throws RpcException INVALID_ARGUMENT for statements that may not be made here,
   *     FAILED_PRECONDITION when fenced, UNAVAILABLE when the tablet is no primary; nothing changes
   *     then
   */
  public QueryResult execute(String sql, Optional<Fence> fence, boolean several)
      throws InterruptedException {
    return execute(sql, fence, several, false);
  }

  /**
   * As {@link #execute}, but all or nothing: each UPDATE must be about some streams, the same
   * before and after they were stopped.
   *
   * @throws RpcException ABORTED when one is not; nothing changes then
   */
  QueryResult executeExactly(String sql, Optional<Fence> fence) throws InterruptedException {
    return execute(sql, fence, true, true);
  }

  private QueryResult execute(String sql, Optional<Fence> fence, boolean several, boolean exactly)
      throws InterruptedException {
    List<SidecarStatement> statements;
    try {
      statements = SidecarStatements.parse(sql, sidecar);
    } catch (SqlSyntaxException e) {
      throw refuse(e.getMessage() + ": " + VReplicationLog.shorten(sql, 500));
    }
    if (statements.size() > 1 && !several) {
      throw refuse("more than one statement; send the header shunt-transaction: 1 to allow it");
    }
    statements.forEach(StreamStore::check);
    if (statements.stream().allMatch(one -> one instanceof SidecarStatement.Select)) {
      return read(statements);
    }
    engine.turn().lockInterruptibly();
    try (ConnectionPool.Lease lease = pool.borrow()) {
      if (!primary.getAsBoolean()) {
        throw new RpcException(
            Status.Code.UNAVAILABLE, "vreplication engine is closed: the tablet is no primary");
      }
      lease.connection().use(sidecar);
      return run(lease.connection(), statements, fence, exactly);
    } finally {
      engine.turn().unlock();
    }
  }

  /** While it is open nobody changes rows; to be closed by the thread that has it. */
  @FunctionalInterface
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits for the change under way and keeps others off. */
  public Hold hold() throws InterruptedException {
    engine.turn().lockInterruptibly();
    return engine.turn()::unlock;
  }

  /** Queries need not wait for changes. */
  private QueryResult read(List<SidecarStatement> statements) throws InterruptedException {
    try (ConnectionPool.Lease lease = pool.borrow()) {
      lease.connection().use(sidecar);
      List<QueryResult> results = new ArrayList<>();
      try (KillOnCancel _ = new KillOnCancel(lease.connection())) {
        for (SidecarStatement statement : statements) {
          results.add(lease.connection().execute(statement.sql()));
        }
      }
      return results.getLast();
    }
  }

  private QueryResult run(
      MysqlConnection connection,
      List<SidecarStatement> statements,
      Optional<Fence> fence,
      boolean exactly) {
    List<Planned> plan = new ArrayList<>();
    Set<Integer> touched = new TreeSet<>();
    Set<Integer> tuned = new TreeSet<>();
    for (SidecarStatement statement : statements) {
      Set<Integer> ids = rows.matching(connection, statement);
      plan.add(new Planned(statement, ids, exactly));
      (onlyTunes(statement) ? tuned : touched).addAll(ids);
    }
    if (!touched.isEmpty()) {
      // A holder that was taken over must not even stop the streams.
      fences.demand(connection, fence);
      engine.stop(touched);
    }
    QueryResult result;
    try {
      result = inTransaction(connection, plan, fence, touched);
    } catch (RuntimeException | Error e) {
      startAfter(e, touched, connection);
      throw e;
    }
    tuned.removeAll(touched);
    try {
      if (!tuned.isEmpty()) {
        engine.retune(tuned);
      }
      if (!touched.isEmpty()) {
        engine.start(touched, connection);
      }
    } catch (RuntimeException e) {
      throw committed(e);
    }
    if (!touched.isEmpty() || !tuned.isEmpty()) {
      changed.run();
    }
    return result;
  }

  /** What its caller must not take for a refusal. */
  private static RpcException committed(RuntimeException e) {
    String text = "the change is committed, but: " + e.getMessage();
    return switch (e) {
      case RpcException known -> RpcException.afterCommit(known.code(), text, e);
      case MysqlException known ->
          RpcException.afterCommit(MysqlErrors.code(known.errno()), text, e);
      default -> RpcException.afterCommit(Status.Code.INTERNAL, text, e);
    };
  }

  /** Streams follow a change of their options without being stopped. */
  private static boolean onlyTunes(SidecarStatement statement) {
    return statement instanceof SidecarStatement.Update update
        && update.table().equals(StreamRows.TABLE)
        && Set.copyOf(update.assigned()).equals(Set.of("options"));
  }

  /** What went wrong first is what is reported. */
  private void startAfter(Throwable failure, Set<Integer> stopped, MysqlConnection connection) {
    try {
      if (!stopped.isEmpty()) {
        engine.start(stopped, connection);
      }
    } catch (RpcException e) {
      failure.addSuppressed(e);
    }
  }

  private QueryResult inTransaction(
      MysqlConnection connection, List<Planned> plan, Optional<Fence> fence, Set<Integer> touched) {
    try (KillOnCancel _ = new KillOnCancel(connection)) {
      try {
        fences.begin(connection, fence);
        List<QueryResult> results = new ArrayList<>();
        for (Planned planned : plan) {
          results.add(runOne(connection, planned, touched));
        }
        commit(connection);
        return combine(results);
      } catch (RuntimeException | Error e) {
        if (!connection.isClosed()) {
          connection.execute("ROLLBACK");
        }
        throw e;
      }
    }
  }

  private static void commit(MysqlConnection connection) {
    try {
      connection.execute("COMMIT");
    } catch (MysqlException e) {
      throw MysqlErrors.afterCommit(e);
    }
  }

  private QueryResult runOne(MysqlConnection connection, Planned planned, Set<Integer> touched) {
    if (!planned.statement.table().equals(StreamRows.TABLE)) {
      return connection.execute(planned.statement.sql());
    }
    return switch (planned.statement) {
      case SidecarStatement.Select select -> connection.execute(select.sql());
      case SidecarStatement.Insert insert ->
          rows.insert(connection, insert, touched, engine::check);
      case SidecarStatement.Update update -> {
        QueryResult result = rows.update(connection, update, planned.ids, planned.exactly);
        if (update.assigned().contains("source")) {
          engine.check(rows.sources(connection, planned.ids));
        }
        yield result;
      }
      case SidecarStatement.Delete delete -> rows.delete(connection, delete, planned.ids);
    };
  }

  private static QueryResult combine(List<QueryResult> results) {
    QueryResult last = results.getLast();
    if (results.size() == 1 || !last.columns().isEmpty()) {
      return last;
    }
    long affected = results.stream().mapToLong(QueryResult::affectedRows).sum();
    long insertId =
        results.stream()
            .mapToLong(QueryResult::insertId)
            .filter(id -> id != 0)
            .findFirst()
            .orElse(0);
    return new QueryResult(List.of(), List.of(), affected, insertId, 0, "");
  }

  private static void check(SidecarStatement statement) {
    boolean streams = statement.table().equals(StreamRows.TABLE);
    boolean writable = streams || statement.table().equals(JOURNAL);
    if (!writable && !(statement instanceof SidecarStatement.Select)) {
      throw refuse("invalid table name: " + statement.table());
    }
    if (!streams) {
      return;
    }
    switch (statement) {
      case SidecarStatement.Select ignored -> {}
      case SidecarStatement.Insert insert -> {
        if (insert.columns().isEmpty()) {
          throw refuse("column list should be specified");
        }
        if (insert.columns().contains("id")) {
          throw refuse("id should not have a value");
        }
        if (!insert.plainRows()) {
          throw refuse("only explicit rows can be inserted");
        }
      }
      case SidecarStatement.Update update -> {
        if (update.assigned().contains("id")) {
          throw refuse("id cannot be changed");
        }
        if (update.assigned().contains("db_name")) {
          throw refuse("db_name cannot be changed: the stream would be another tablet's");
        }
        checkWhere(update.whereNames(), update.ordered(), update.unsafe(), "UPDATE");
      }
      case SidecarStatement.Delete delete ->
          checkWhere(delete.whereNames(), delete.ordered(), delete.unsafe(), "DELETE");
    }
  }

  private static void checkWhere(List<String> names, boolean ordered, boolean unsafe, String what) {
    if (ordered) {
      throw refuse("unsupported construct: ORDER BY or LIMIT in " + what);
    }
    if (!unsafe && !names.contains("id") && !names.contains("workflow")) {
      throw refuse(
          "unsafe vreplication write: "
              + what
              + " without id or workflow in its condition; the comment directive"
              + " /*vt+ ALLOW_UNSAFE_VREPLICATION_WRITE */ allows it");
    }
  }

  private static RpcException refuse(String message) {
    return new RpcException(Status.Code.INVALID_ARGUMENT, message);
  }
}

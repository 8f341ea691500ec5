package dev.shunt.tablet.query;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.rpc.MysqlErrors;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Open transactions of applications by id. One that lives longer than the timeout is rolled back
 * and its connection killed; what then comes with its id is refused with ABORTED.
 *
 * <pre>
 *   begin ──▶ open ──use──▶ in use ──▶ open ──commit / rollback──▶ ended
 *               │              └── rolled back by the server ──────▶ ended
 *               └──────── timeout ────────────────────────────────▶ killed
 * </pre>
 */
final class OpenTransactions implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OpenTransactions.class);
  private static final int REMEMBERED_ENDS = 1000;
  private static final long LOOK_AGAIN_MILLIS = 5;
  private static final Duration KILL_WAIT = Duration.ofSeconds(10);

  private final ConnectionPool pool;
  private final ConnectionPool foundRowsPool;
  private final Duration timeout;
  // Ids go up over restarts, so that one of an earlier life names nothing.
  private final AtomicLong nextId = new AtomicLong(System.currentTimeMillis() * 1_000_000L);
  private final Map<Long, Transaction> open = new ConcurrentHashMap<>();
  private final Map<Long, End> ended =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, End> eldest) {
          return size() > REMEMBERED_ENDS;
        }
      };
  private final ScheduledExecutorService killer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("transaction-killer").factory());

  OpenTransactions(ConnectionPool pool, ConnectionPool foundRowsPool, Duration timeout) {
    this.pool = pool;
    this.foundRowsPool = foundRowsPool;
    this.timeout = timeout;
    long period = Math.max(10, Math.min(1000, timeout.toMillis() / 10));
    var unused =
        killer.scheduleWithFixedDelay(this::killExpired, period, period, TimeUnit.MILLISECONDS);
  }

  /** An open transaction; locked while a call uses it. */
  static final class Transaction {
    private final long id;
    private final ConnectionPool.Lease lease;
    private final long deadline;
    private final ReentrantLock inUse = new ReentrantLock();
    private volatile boolean over;

    private Transaction(long id, ConnectionPool.Lease lease, long deadline) {
      this.id = id;
      this.lease = lease;
      this.deadline = deadline;
    }
  }

  /**
   * How a transaction ended.
   *
   * @param rolledBack whether the server said that nothing is left of it, before its owner did
   */
  private record End(String how, boolean rolledBack) {}

  /** What a call does with the transaction's connection. */
  @FunctionalInterface
  interface Use<T> {
    T with(ConnectionPool.Lease lease) throws InterruptedException;
  }

  /** Opens a transaction and returns its id. */
  long begin(Query.ExecuteOptions options) throws InterruptedException {
    ConnectionPool.Lease lease = (options.getClientFoundRows() ? foundRowsPool : pool).borrow();
    try {
      String isolation = isolation(options.getTransactionIsolation());
      if (!isolation.isEmpty()) {
        lease.connection().execute("SET TRANSACTION ISOLATION LEVEL " + isolation);
      }
      lease.connection().execute("START TRANSACTION" + access(options));
    } catch (RuntimeException | Error e) {
      lease.connection().close();
      lease.close();
      throw e;
    }
    long id = nextId.incrementAndGet();
    open.put(id, new Transaction(id, lease, System.nanoTime() + timeout.toNanos()));
    return id;
  }

  private static String isolation(Query.ExecuteOptions.TransactionIsolation level) {
    return switch (level) {
      case REPEATABLE_READ, CONSISTENT_SNAPSHOT_READ_ONLY -> "REPEATABLE READ";
      case READ_COMMITTED -> "READ COMMITTED";
      case READ_UNCOMMITTED -> "READ UNCOMMITTED";
      case SERIALIZABLE -> "SERIALIZABLE";
      case DEFAULT, AUTOCOMMIT, UNRECOGNIZED -> "";
    };
  }

  private static String access(Query.ExecuteOptions options) {
    if (options.getTransactionIsolation()
        == Query.ExecuteOptions.TransactionIsolation.CONSISTENT_SNAPSHOT_READ_ONLY) {
      return " WITH CONSISTENT SNAPSHOT, READ ONLY";
    }
    StringBuilder clauses = new StringBuilder();
    for (Query.ExecuteOptions.TransactionAccessMode mode : options.getTransactionAccessModeList()) {
      String clause =
          switch (mode) {
            case CONSISTENT_SNAPSHOT -> "WITH CONSISTENT SNAPSHOT";
            case READ_WRITE -> "READ WRITE";
            case READ_ONLY -> "READ ONLY";
            case UNRECOGNIZED ->
                throw new RpcException(
                    Status.Code.INVALID_ARGUMENT, "unknown transaction access mode");
          };
      clauses.append(clauses.isEmpty() ? " " : ", ").append(clause);
    }
    return clauses.toString();
  }

  /**
   * Uses a transaction's connection; one call at a time. The transaction is over when that is
   * closed afterwards.
   *
   * @param mayCommit whether what is done with it may end the transaction otherwise than by rolling
   *     it back
   * @throws RpcException ABORTED when there is no such transaction, or it is in use
   */
  <T> T use(long id, boolean mayCommit, Use<T> use) throws InterruptedException {
    Transaction transaction = lock(id);
    try {
      return use.with(transaction.lease);
    } finally {
      MysqlConnection connection = transaction.lease.connection();
      if (connection.isClosed()) {
        end(transaction, end(connection.inTransaction(), mayCommit));
      }
      transaction.inUse.unlock();
    }
  }

  private static End end(boolean inTransaction, boolean mayCommit) {
    if (inTransaction) {
      return new End("its connection was lost", false);
    }
    return mayCommit
        ? new End("by a stored procedure", false)
        : new End("the server has rolled it back after an error", true);
  }

  /** Commits; when the connection is lost on the way, whether it took effect is not known. */
  void commit(long id) {
    try {
      finish(id, "COMMIT", "committed");
    } catch (MysqlException e) {
      throw e.errno() == MysqlException.GONE_AWAY ? e : MysqlErrors.afterCommit(e);
    }
  }

  /** Rolls back; nothing is left of the transaction even when the connection is lost. */
  void rollback(long id) {
    End end = ended(id);
    if (end != null && end.rolledBack()) {
      return; // as the server would answer
    }
    try {
      finish(id, "ROLLBACK", "rolled back");
    } catch (MysqlException e) {
      log.atDebug().addKeyValue("error", e.getMessage()).log("rollback on a lost connection");
    }
  }

  private void finish(long id, String sql, String how) {
    Transaction transaction = lock(id);
    try {
      var unused = transaction.lease.connection().execute(sql);
    } finally {
      end(transaction, new End(how, false));
      transaction.inUse.unlock();
    }
  }

  private Transaction lock(long id) {
    Transaction transaction = open.get(id);
    if (transaction == null) {
      throw gone(id);
    }
    if (!transaction.inUse.tryLock()) {
      throw aborted(id, "in use by another call");
    }
    if (transaction.over) {
      transaction.inUse.unlock();
      throw gone(id);
    }
    return transaction;
  }

  private RpcException gone(long id) {
    End end = ended(id);
    return aborted(id, end == null ? "not found" : "ended: " + end.how());
  }

  private @Nullable End ended(long id) {
    synchronized (ended) {
      return ended.get(id);
    }
  }

  private static RpcException aborted(long id, String why) {
    return new RpcException(Status.Code.ABORTED, "transaction " + id + ": " + why);
  }

  private void end(Transaction transaction, End end) {
    if (transaction.over) {
      return;
    }
    transaction.over = true;
    synchronized (ended) {
      ended.putIfAbsent(transaction.id, end);
    }
    open.remove(transaction.id);
    transaction.lease.close();
  }

  private void killExpired() {
    long now = System.nanoTime();
    for (Transaction transaction : open.values()) {
      if (now - transaction.deadline > 0) {
        kill(transaction, "exceeded timeout: " + timeout.toMillis() + "ms");
      }
    }
  }

  private void kill(Transaction transaction, String why) {
    log.atInfo()
        .addKeyValue("transaction", transaction.id)
        .addKeyValue("reason", why)
        .log("transaction killed");
    if (transaction.inUse.tryLock()) {
      try {
        if (!transaction.over) {
          transaction.lease.connection().close();
          end(transaction, new End(why, false));
        }
      } finally {
        transaction.inUse.unlock();
      }
      return;
    }
    // A statement runs: the server must give it up before its answer counts as lost.
    try {
      synchronized (ended) {
        ended.put(transaction.id, new End(why, false));
      }
      transaction.lease.connection().kill();
    } catch (MysqlException e) {
      // It counts as open until the server knows, or its connection ends.
      log.atWarn()
          .addKeyValue("transaction", transaction.id)
          .addKeyValue("error", e.getMessage())
          .log("transaction could not be killed at the server");
    }
  }

  /**
   * Waits for all to end; kills those that haven't after a while, and waits until the server has
   * given up what they were at. Nobody may open any meanwhile.
   *
   * @throws RpcException DEADLINE_EXCEEDED when the server doesn't give one up
   */
  void endAll(Duration grace, String why) throws InterruptedException {
    long deadline = System.nanoTime() + grace.toNanos();
    while (!open.isEmpty() && deadline - System.nanoTime() > 0) {
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    }
    deadline = System.nanoTime() + KILL_WAIT.toNanos();
    while (!open.isEmpty()) {
      if (deadline - System.nanoTime() < 0) {
        throw new RpcException(
            Status.Code.DEADLINE_EXCEEDED, open.size() + " transaction(s) can't be ended: " + why);
      }
      open.values().forEach(transaction -> kill(transaction, why));
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  @Override
  public void close() {
    killer.shutdownNow();
    for (Transaction transaction : open.values()) {
      kill(transaction, "the tablet is shutting down");
      if (!transaction.over) {
        transaction.lease.connection().abort(); // the server could perhaps not be told
      }
    }
  }
}

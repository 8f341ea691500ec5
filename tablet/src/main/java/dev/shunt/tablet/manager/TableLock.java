package dev.shunt.tablet.manager;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.database.ConnectionPool;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The read lock on all tables that LockTables takes; it ends by itself after a while. */
final class TableLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TableLock.class);

  private final String database;
  private final ConnectionPool pool;
  private final Duration limit;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("table-lock").factory());
  private ConnectionPool.@Nullable Lease held;
  private @Nullable ScheduledFuture<?> release;

  TableLock(String database, ConnectionPool pool, Duration limit) {
    this.database = database;
    this.pool = pool;
    this.limit = limit;
  }

  synchronized void lock() throws InterruptedException {
    if (held != null) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION, "tables already locked on this tablet");
    }
    ConnectionPool.Lease lease = pool.borrow();
    try {
      lockAll(lease.connection());
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
    held = lease;
    release = timer.schedule(this::expire, limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void lockAll(MysqlConnection connection) {
    try {
      connection.execute("FLUSH TABLES WITH READ LOCK");
      return;
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      log.atDebug().addKeyValue("error", e.getMessage()).log("locking table by table instead");
    }
    List<Row> tables =
        connection
            .execute(
                "SELECT table_name FROM information_schema.tables WHERE table_type ="
                    + " 'BASE TABLE' AND table_schema = "
                    + SqlText.literal(database))
            .rows();
    if (!tables.isEmpty()) {
      connection.execute(
          "LOCK TABLES "
              + String.join(
                  ", ",
                  tables.stream()
                      .map(row -> SqlText.qualified(database, row.text(0)) + " READ")
                      .toList()));
    }
  }

  private synchronized void expire() {
    if (held != null) {
      log.atWarn()
          .addKeyValue("limit_ms", limit.toMillis())
          .log("table locks were not released in time, releasing them");
      end();
    }
  }

  synchronized void unlock() {
    if (held == null) {
      throw new TabletException(Status.Code.FAILED_PRECONDITION, "tables not locked");
    }
    end();
  }

  private void end() {
    ConnectionPool.Lease lease = held;
    held = null;
    if (release != null) {
      release.cancel(false);
      release = null;
    }
    if (lease != null) {
      // Closing the session ends its locks, whatever its state.
      lease.connection().close();
      lease.close();
    }
  }

  @Override
  public synchronized void close() {
    timer.shutdownNow();
    end();
  }
}

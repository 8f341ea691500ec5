package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.vreplication.stream.StreamTable;
import dev.shunt.tablet.vreplication.stream.TerminalErrors;
import dev.shunt.tablet.vreplication.writing.CopySession;
import dev.shunt.tablet.vreplication.writing.SecondaryKeys;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts back the keys that were taken off for copies whose streams were then deleted, of tables that
 * stayed; beside all else, as it may take long. Applications use these tables: nobody waits for a
 * second because of it. What is in use, and all when the connection is lost, is tried again after a
 * while; what fails otherwise when streams are started the next time.
 */
final class LeftKeys {
  private static final Logger log = LoggerFactory.getLogger(LeftKeys.class);

  /** A request for the lock of a table stops all that come after it. */
  private static final String IMPATIENT =
      "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1";

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LAST_PAUSE = Duration.ofMinutes(5);

  private final TabletIdentity tablet;
  private final MysqlEndpoint database;
  private final String left;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition called = lock.newCondition();
  private @Nullable Thread working;
  private @Nullable MysqlConnection altering;
  private boolean again;
  private boolean stopped;

  LeftKeys(TabletIdentity tablet, MysqlEndpoint database) {
    this.tablet = tablet;
    this.database = database.withDatabase(tablet.database());
    this.left = SqlText.qualified(tablet.sidecar(), "shunt_left_keys");
  }

  /** Begins with what is there; returns at once. */
  void putBack() {
    lock.lock();
    try {
      stopped = false;
      again = true;
      called.signalAll();
      if (working == null) {
        working = Thread.ofVirtual().name("left-keys").start(this::run);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Breaks off what is under way; on return nothing is. */
  void stop() {
    Thread worker = breakOff();
    if (worker == null) {
      return;
    }
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable Thread breakOff() {
    lock.lock();
    try {
      stopped = true;
      called.signalAll();
      if (altering != null) {
        CopySession.end(altering, log.atWarn());
      }
    } finally {
      lock.unlock();
    }
    return worker();
  }

  private @Nullable Thread worker() {
    lock.lock();
    try {
      return working;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      work();
    } finally {
      gone();
    }
  }

  /** The next call must find no thread that is none any more, whatever ended it. */
  private void gone() {
    lock.lock();
    try {
      if (working == Thread.currentThread()) {
        working = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    Duration pause = FIRST_PAUSE;
    boolean later = false;
    while (more(later ? pause : null)) {
      pause = later && pause.compareTo(LAST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
      later = false;
      try (MysqlConnection connection =
          MysqlConnection.open(database, ConnectOptions.DEFAULT.withFoundRows())) {
        CopySession.prepare(connection).execute(IMPATIENT);
        if (!begin(connection)) {
          continue;
        }
        for (Row row :
            connection
                .execute(
                    "SELECT id, table_name, action FROM "
                        + left
                        + " WHERE db_name = "
                        + SqlText.literal(tablet.database())
                        + " ORDER BY id")
                .rows()) {
          later |= !putBack(connection, row.number(0), row.text(1), row.text(2));
        }
      } catch (MysqlException e) {
        later |= e.connectionLost();
        log.atWarn().addKeyValue("reason", e.getMessage()).log("keys are not put back yet");
      } catch (RuntimeException e) { // the next call finds its thread
        log.atError().setCause(e).log("keys can't be put back");
      } finally {
        end();
      }
    }
  }

  /**
   * Whether there is something to do; without, the thread ends.
   *
   * @param pause after which there is in any case
   */
  private boolean more(@Nullable Duration pause) {
    lock.lock();
    try {
      for (long left = pause == null ? 0 : pause.toNanos(); left > 0 && !again && !stopped; ) {
        left = called.awaitNanos(left);
      }
      again |= pause != null;
      boolean more = again && !stopped;
      again = false;
      if (!more) {
        working = null;
      }
      return more;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      working = null;
      return false;
    } finally {
      lock.unlock();
    }
  }

  private boolean begin(MysqlConnection connection) {
    lock.lock();
    try {
      altering = stopped ? null : connection;
      return !stopped;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      altering = null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts the keys of one table back.
   *
   * @return false when the table is in use
   */
  private boolean putBack(MysqlConnection connection, long id, String table, String action) {
    try {
      if (exists(connection, table)) {
        SecondaryKeys.add(connection, tablet.database(), table, StreamTable.task(table, action));
        log.atInfo().addKeyValue("table", table).log("keys of a copy that was given up are back");
      }
      connection.execute("DELETE FROM " + left + " WHERE id = " + id);
    } catch (MysqlException e) {
      if (e.connectionLost()) {
        throw e;
      }
      if (TerminalErrors.isLockConflict(e)) {
        log.atInfo()
            .addKeyValue("table", table)
            .addKeyValue("reason", e.getMessage())
            .log("keys of a copy that was given up wait for those who use the table");
        return false;
      }
      logFailure(table, action, e);
    } catch (RpcException e) {
      logFailure(table, action, e);
    }
    return true;
  }

  private static void logFailure(String table, String action, RuntimeException e) {
    log.atError()
        .addKeyValue("table", table)
        .addKeyValue("action", action)
        .setCause(e)
        .log("keys of a copy that was given up can't be put back");
  }

  private boolean exists(MysqlConnection connection, String table) {
    return !connection
        .execute(
            "SELECT 1 FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND"
                + " TABLE_SCHEMA = "
                + SqlText.literal(tablet.database())
                + " AND TABLE_NAME = "
                + SqlText.literal(table))
        .rows()
        .isEmpty();
  }
}

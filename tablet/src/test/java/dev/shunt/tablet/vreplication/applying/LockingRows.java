package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A database of one table with a number as key and a number beside it, whose transactions lock the
 * rows that they write, and can be made to lock others as well, as if there were gaps between rows.
 */
final class LockingRows {
  static final int LOCK_WAIT_TIMEOUT = 1205;
  static final int DUPLICATE = 1062;

  private static final Pattern ROW = Pattern.compile("\\((\\d+),(\\d+)\\)");
  private static final Pattern POSITION = Pattern.compile("position (\\d+)");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Integer, Session> owners = new HashMap<>();
  private final Map<Integer, Integer> rows = new TreeMap<>();
  private final List<Integer> positions = new ArrayList<>();
  private final Set<Integer> refused = new HashSet<>();
  private final IntUnaryOperator locked;
  private final long patienceMillis;
  private int timeouts;
  private int opened;

  /**
   * @param locked what else is locked when a row is written
   * @param patienceMillis how long a lock is waited for
   */
  LockingRows(IntUnaryOperator locked, long patienceMillis) {
    this.locked = locked;
    this.patienceMillis = patienceMillis;
  }

  /** No transaction can write this row any more. */
  void refuse(int key) {
    refused.add(key);
  }

  Map<Integer, Integer> rows() {
    return guarded(() -> Map.copyOf(rows));
  }

  /** Positions in the order in which they were committed. */
  List<Integer> positions() {
    return guarded(() -> List.copyOf(positions));
  }

  boolean isLocked(int key) {
    return guarded(() -> owners.containsKey(key));
  }

  int timeouts() {
    return guarded(() -> timeouts);
  }

  int opened() {
    return guarded(() -> opened);
  }

  private <T> T guarded(Supplier<T> read) {
    lock.lock();
    try {
      return read.get();
    } finally {
      lock.unlock();
    }
  }

  ApplyPipeline.Lane open() {
    return guarded(() -> {
      opened++;
      return new Session();
    });
  }

  private final class Session implements ApplyPipeline.Lane {
    private final Map<Integer, Integer> written = new LinkedHashMap<>();
    private boolean killed;

    @Override
    public void run(SqlBuffer statements, Set<TargetTable> tables) {
      lock.lock();
      try {
        for (String statement :
            new String(statements.toByteArray(), StandardCharsets.UTF_8).split(";", -1)) {
          run(statement);
        }
      } finally {
        lock.unlock();
      }
    }

    private void run(String statement) {
      Matcher row = ROW.matcher(statement);
      while (row.find()) {
        int key = Integer.parseInt(row.group(1));
        acquire(key);
        acquire(locked.applyAsInt(key));
        if (refused.contains(key)) {
          throw new MysqlException(DUPLICATE, "23000", "Duplicate entry");
        }
        written.put(key, Integer.parseInt(row.group(2)));
      }
      Matcher position = POSITION.matcher(statement);
      if (position.find()) {
        positions.add(Integer.parseInt(position.group(1)));
      }
      if (statement.equals("COMMIT")) {
        rows.putAll(written);
        end();
      }
    }

    private void acquire(int key) {
      long nanos = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
      try {
        while (owners.getOrDefault(key, this) != this && nanos > 0 && !killed) {
          nanos = changed.awaitNanos(nanos);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (killed) {
        throw new MysqlException(MysqlException.LOST_CONNECTION, "HY000", "killed");
      }
      if (owners.putIfAbsent(key, this) != null && owners.get(key) != this) {
        timeouts++;
        throw new MysqlException(LOCK_WAIT_TIMEOUT, "HY000", "Lock wait timeout exceeded");
      }
    }

    private void end() {
      written.clear();
      owners.values().removeIf(owner -> owner == this);
      changed.signalAll();
    }

    @Override
    public void rollback() {
      lock.lock();
      try {
        end();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      rollback();
    }

    @Override
    public void kill() {
      lock.lock();
      try {
        killed = true;
        end();
      } finally {
        lock.unlock();
      }
    }
  }
}

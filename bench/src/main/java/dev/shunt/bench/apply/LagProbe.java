package dev.shunt.bench.apply;

import dev.shunt.bench.server.Instance;
import dev.shunt.mysql.MysqlConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/**
 * Measures lag as an application would see it: counts up in a row of the source, and looks when the
 * number is there on the target. A sample is the time from the acknowledged commit on the source
 * until a look at the target sees that number or a later one.
 */
final class LagProbe {
  static final String TABLE = "lag_probe";
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final long WRITE_EVERY_MILLIS = 20;
  private static final long LOOK_EVERY_MILLIS = 2;

  private final Instance source;
  private final Instance target;
  private final ConcurrentSkipListMap<Long, Long> committed = new ConcurrentSkipListMap<>();
  private final List<Double> lags = new ArrayList<>();

  LagProbe(Instance source, Instance target) {
    this.source = source;
    this.target = target;
  }

  /** Makes the row on the source. */
  static List<String> create() {
    return List.of(
        "CREATE TABLE " + TABLE + " (id int PRIMARY KEY, n bigint NOT NULL) ENGINE=InnoDB",
        "INSERT INTO " + TABLE + " VALUES (1, 0)");
  }

  /** Counts up until it is told to end; runs beside {@link #look}. */
  void count(Deadline end) throws InterruptedException {
    try (MysqlConnection connection = source.connect()) {
      for (long n = 1; !end.isOver(); n++) {
        connection.execute("UPDATE " + TABLE + " SET n = " + n + " WHERE id = 1");
        committed.put(n, System.nanoTime());
        TimeUnit.MILLISECONDS.sleep(WRITE_EVERY_MILLIS);
      }
    }
  }

  /**
   * Looks until it is told to end and has seen every number.
   *
   * @throws IllegalStateException when they don't come within ten minutes after the end
   */
  void look(Deadline end) throws InterruptedException {
    try (MysqlConnection connection = target.connect()) {
      while (!end.isOver() || !committed.isEmpty()) {
        long seen = connection.execute("SELECT n FROM " + TABLE + " WHERE id = 1").only().number(0);
        long now = System.nanoTime();
        var there = committed.headMap(seen, true);
        there.values().forEach(at -> lags.add(Math.max(0, now - at) / 1e6));
        there.clear();
        if (now - end.at() > PATIENCE.toNanos()) {
          throw new IllegalStateException("the stream does not apply any more; seen up to " + seen);
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
      }
    }
  }

  /** Lags in milliseconds, once both have ended. */
  List<Double> lags() {
    return lags;
  }
}

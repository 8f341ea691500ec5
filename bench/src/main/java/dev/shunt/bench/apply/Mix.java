package dev.shunt.bench.apply;

import dev.shunt.mysql.MysqlConnection;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * Transactions of one writer, one row each: 60 of 100 update a random row of those that were there
 * at the beginning, 20 insert a row, 20 delete the oldest that this writer inserted.
 */
final class Mix {
  private static final int UPDATES = 60;
  private static final int INSERTS = 20;

  private final MysqlConnection connection;
  private final long rows;
  private final int step;
  private final SplittableRandom random;
  private final Deque<Long> inserted = new ArrayDeque<>();
  private long next;

  /**
   * A writer's mix.
   *
   * @param connection to the database of sbtest1
   * @param rows ids that are there at the beginning, from 1 on
   * @param writer number of the writer, from 0 on
   * @param writers how many there are
   */
  Mix(MysqlConnection connection, long rows, int writer, int writers) {
    this.connection = connection;
    this.rows = rows;
    this.step = writers;
    this.random = new SplittableRandom(writer);
    this.next = rows + 1 + writer;
  }

  /** Commits the next transaction. */
  void write() {
    int dice = random.nextInt(100);
    if (dice < UPDATES) {
      connection.execute(
          "UPDATE sbtest1 SET k = k + 1, c = '%d' WHERE id = %d"
              .formatted(random.nextLong(), random.nextLong(1, rows + 1)));
    } else if (dice < UPDATES + INSERTS || inserted.isEmpty()) {
      connection.execute(
          "INSERT INTO sbtest1 (id, k, c, pad) VALUES (%d, %d, '%d', 'new')"
              .formatted(next, random.nextInt(1000), random.nextLong()));
      inserted.add(next);
      next += step;
    } else {
      connection.execute("DELETE FROM sbtest1 WHERE id = " + inserted.remove());
    }
  }
}

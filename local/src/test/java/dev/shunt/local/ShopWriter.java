package dev.shunt.local;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Writes to the tables {@code big}, {@code counted} and {@code noted} of one database until it is
 * stopped; a database that is gone is waited for.
 */
final class ShopWriter {
  private static final long MOVED = 10_000_000;

  private final Supplier<MysqlConnection> database;
  private final int ids;
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong newRows = new AtomicLong();
  private final Thread thread = Thread.ofVirtual().name("shop-writer").unstarted(this::write);
  private volatile boolean open = true;

  /**
   * @param ids rows of table big, with ids from 1 on
   */
  ShopWriter(Supplier<MysqlConnection> database, int ids) {
    this.database = database;
    this.ids = ids;
    thread.start();
  }

  /** Transactions that were acknowledged. */
  long done() {
    return done.get();
  }

  /**
   * Rows that may have come to stand where a copy had not been, from transactions that were begun.
   */
  long begunWithNewRows() {
    return newRows.get();
  }

  private void write() {
    SplittableRandom random = new SplittableRandom();
    while (open) {
      try (MysqlConnection connection = database.get()) {
        while (open) {
          transaction(connection, random);
          done.incrementAndGet();
        }
      } catch (MysqlException e) {
        pause();
      }
    }
  }

  private void transaction(MysqlConnection connection, SplittableRandom random) {
    long id = 1 + random.nextLong(ids);
    connection.execute("begin");
    connection.execute(
        "update big set n = n + 1, v = concat('changed', %d) where id = %d"
            .formatted(random.nextInt(), id));
    switch (random.nextInt(8)) {
      case 0 -> {
        newRows.addAndGet(2);
        connection.execute("insert into noted values (%d, 'new')".formatted(random.nextInt()));
        connection.execute("insert into counted (c) values (%d)".formatted(random.nextInt(9)));
      }
      case 1 ->
          connection.execute("update noted set note = 'changed' where n = " + id + " limit 1");
      case 2 -> connection.execute("update counted set c = c + 1 order by id limit 3");
      case 3 -> {
        newRows.incrementAndGet();
        connection.execute("update big set id = id + %d where id = %d".formatted(MOVED, id));
      }
      case 4 -> {
        newRows.incrementAndGet();
        connection.execute(
            "update big set id = id - %d where id > %d limit 1".formatted(MOVED, MOVED));
      }
      default -> {}
    }
    connection.execute(random.nextInt(10) == 0 ? "rollback" : "commit");
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the writing; on return nothing is under way. */
  void stop() throws InterruptedException {
    open = false;
    thread.join();
  }
}

package dev.shunt.local;

import static org.awaitility.Awaitility.await;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.router.TrafficRouter;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tables that a writer counts up in while they move, through a router that follows the topology; it
 * knows what it was told is committed.
 */
final class CountedItems {
  static final List<String> TABLES = List.of("item", "noted");
  private static final int ITEMS = 500;

  private final TrafficRouter router;
  private final Map<Long, Long> counted = new ConcurrentHashMap<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicLong done = new AtomicLong();
  private final Thread thread = Thread.ofVirtual().name("counting").unstarted(this::write);
  private volatile String keyspace;
  private volatile boolean open = true;

  CountedItems(TrafficRouter router) {
    this(router, "commerce");
  }

  /** Names a keyspace from the beginning. */
  CountedItems(TrafficRouter router, String keyspace) {
    this.router = router;
    this.keyspace = keyspace;
    for (long id = 1; id <= ITEMS; id++) {
      counted.put(id, 0L);
    }
  }

  /** Makes and fills the tables. */
  static void create(MysqlConnection database) {
    database.execute(
        "create table item (id bigint primary key, n bigint not null, t timestamp null)");
    database.execute("create table noted (id bigint primary key, note varchar(100))");
    for (long id = 1; id <= ITEMS; id++) {
      database.execute("insert into item values (%d, 0, '2024-02-29 12:00:00')".formatted(id));
    }
  }

  void start() {
    thread.start();
  }

  private void write() {
    SplittableRandom random = new SplittableRandom(11);
    long next = ITEMS;
    while (open) {
      boolean fresh = random.nextInt(10) == 0;
      long id = fresh ? ++next : 1 + random.nextLong(ITEMS);
      String sql =
          fresh
              ? "insert into item (id, n) values (:id, 1)"
              : "update item set n = n + 1 where id = :id";
      try {
        var unused = router.execute(keyspace, sql, Map.of("id", id));
        counted.merge(id, 1L, Long::sum);
        done.incrementAndGet();
        Thread.sleep(1);
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        failures.add(sql + " " + id + ": " + e.getMessage());
      }
    }
  }

  /** Waits until so many more statements were acknowledged. */
  void awaitMore(long more) {
    long wanted = done.get() + more;
    await().atMost(Bench.PATIENCE).until(() -> done.get() >= wanted || !failures.isEmpty());
  }

  /** Makes the writer name another keyspace. */
  void naming(String other) {
    keyspace = other;
    awaitMore(2); // what it had begun with the other name is over
  }

  /** Statements that were not acknowledged. */
  List<String> failures() {
    return failures;
  }

  /** What was acknowledged, by item. */
  Map<Long, Long> counted() {
    return new TreeMap<>(counted);
  }

  void stop() throws InterruptedException {
    open = false;
    thread.join();
  }
}

package dev.shunt.bench.switching;

import dev.shunt.local.demo.WriteGaps;
import dev.shunt.router.TrafficRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clients that count rows up, one a statement, as fast as they are served. */
final class Writers {
  private static final Logger log = LoggerFactory.getLogger(Writers.class);
  private static final long PAUSE_NANOS = 5_000_000;

  private final TrafficRouter router;
  private final String keyspace;
  private final List<String> tables;
  private final WriteGaps gaps;
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean open = true;

  /** Begins nothing yet. */
  Writers(TrafficRouter router, String keyspace, List<String> tables, WriteGaps gaps) {
    this.router = router;
    this.keyspace = keyspace;
    this.tables = tables;
    this.gaps = gaps;
  }

  void start(int count) {
    for (int i = 0; i < count; i++) {
      int number = i;
      threads.add(Thread.ofVirtual().name("writer-" + i).start(() -> write(number)));
    }
  }

  private void write(int number) {
    SplittableRandom random = new SplittableRandom(number);
    while (open) {
      String table = tables.get(random.nextInt(tables.size()));
      try {
        var unused =
            router.execute(
                keyspace,
                "update " + table + " set n = n + 1 where id = :id",
                Map.of("id", 1 + random.nextLong(SwitchBench.ROWS)));
        acknowledged.increment();
        gaps.acknowledge(number, System.nanoTime());
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) { // whatever it is, the client was told that it failed
        failed.increment();
        log.atWarn().addKeyValue("writer", number).setCause(e).log("a write failed");
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  long acknowledged() {
    return acknowledged.sum();
  }

  long failed() {
    return failed.sum();
  }

  /** Lets everybody finish what they are at. */
  void stop() throws InterruptedException {
    open = false;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}

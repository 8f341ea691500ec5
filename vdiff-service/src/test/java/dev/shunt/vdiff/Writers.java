package dev.shunt.vdiff;

import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.sharding.KeyRange;
import dev.shunt.workflow.sharding.Vindex;
import dev.shunt.workflow.sharding.VindexFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes new orders wherever they are accepted, as a client does that follows denied tables: it
 * tries the source, then the shard of the target, until one takes the row. Keeps what was
 * acknowledged and the longest time without an acknowledgement.
 */
final class Writers implements AutoCloseable {
  private static final Vindex HASH = VindexFactory.create("hash");

  final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
  private final AtomicLong nextId = new AtomicLong(1_000_000);
  private final AtomicLong lastAck = new AtomicLong(System.nanoTime());
  private final AtomicLong longestGap = new AtomicLong();
  private final RealCluster cluster;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stop;

  Writers(RealCluster cluster, int count) {
    this.cluster = cluster;
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofVirtual().name("writer-" + i).start(this::write));
    }
  }

  private void write() {
    TabletClient source = cluster.client("commerce", "0");
    while (!stop) {
      long id = nextId.getAndIncrement();
      TabletClient target = cluster.client("customer", shard(id));
      while (!stop && !accepted(source, id) && !accepted(target, id)) {
        LockSupport.parkNanos(2_000_000);
      }
    }
  }

  private boolean accepted(TabletClient tablet, long id) {
    try {
      var unused =
          tablet.execute("insert into orders (id, note) values (" + id + ", 'n" + id + "')");
    } catch (TabletException e) {
      if (String.valueOf(e.getMessage()).contains("disallowed due to rule")) {
        return false;
      }
      throw e;
    }
    acknowledged.add(id);
    long now = System.nanoTime();
    longestGap.accumulateAndGet(now - lastAck.getAndSet(now), Math::max);
    return true;
  }

  private static String shard(long id) {
    byte[] keyspaceId = HASH.map(Long.toString(id).getBytes(StandardCharsets.US_ASCII));
    return KeyRange.ofShard("-80").contains(keyspaceId) ? "-80" : "80-";
  }

  /** Longest time without an acknowledgement since the last call, milliseconds. */
  long longestGapMillis() {
    return longestGap.getAndSet(0) / 1_000_000;
  }

  @Override
  public void close() {
    stop = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package dev.shunt.router;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoEvent;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vschema.Vschema;

/**
 * What the topology says now, kept current by watches: rules and VSchemas of one cell, shards of
 * the cluster and the tablets of all cells, for a primary may be in any of them. A cell that can't
 * be reached hides only the tablets that are there. Each change makes a new {@link RoutingSnapshot}
 * with a higher number.
 */
final class RoutingTable implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RoutingTable.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Topodata.Shard> shards = new HashMap<>();
  private final Map<String, Topodata.Tablet> tablets = new HashMap<>();
  private Vschema.SrvVSchema srvVSchema = Vschema.SrvVSchema.getDefaultInstance();
  private volatile RoutingSnapshot snapshot =
      new RoutingSnapshot(0, srvVSchema, Map.of(), Map.of());
  private final AutoCloseable[] watches;

  RoutingTable(Topo topo, String cell) {
    watches =
        new AutoCloseable[] {
          topo.watch(cell, "SrvVSchema", this::onSrvVSchema),
          topo.watch(Topo.GLOBAL_CELL, "keyspaces", this::onShard),
          new TabletWatches(topo, this::onTablet, this::onCellGone)
        };
  }

  RoutingSnapshot snapshot() {
    return snapshot;
  }

  /** Waits until there is a snapshot newer than the given number, or the time is over. */
  void awaitNewer(long number, Duration wait) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = wait.toNanos();
      while (snapshot.number() <= number && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until every shard of the keyspace has a primary that is known. */
  boolean awaitKeyspace(String keyspace, Duration wait) throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    while (true) {
      RoutingSnapshot now = snapshot;
      if (now.knows(keyspace)) {
        return true;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      awaitNewer(now.number(), Duration.ofNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1))));
    }
  }

  private void onSrvVSchema(TopoEvent event) {
    update(
        event,
        bytes ->
            srvVSchema =
                bytes == null
                    ? Vschema.SrvVSchema.getDefaultInstance()
                    : Vschema.SrvVSchema.parseFrom(bytes));
  }

  private void onShard(TopoEvent event) {
    String[] parts = event.path().split("/", -1);
    if (parts.length != 5 || !parts[2].equals("shards") || !parts[4].equals("Shard")) {
      return;
    }
    String key = parts[1] + "/" + parts[3];
    update(
        event,
        bytes -> {
          if (bytes == null) {
            shards.remove(key);
          } else {
            shards.put(key, Topodata.Shard.parseFrom(bytes));
          }
        });
  }

  private void onTablet(TopoEvent event) {
    update(
        event,
        bytes -> {
          if (bytes == null) {
            tablets.remove(event.path());
          } else {
            tablets.put(event.path(), Topodata.Tablet.parseFrom(bytes));
          }
        });
  }

  private void onCellGone(String cell) {
    lock.lock();
    try {
      if (tablets.values().removeIf(tablet -> tablet.getAlias().getCell().equals(cell))) {
        publish();
      }
    } finally {
      lock.unlock();
    }
  }

  private interface Change {
    void apply(byte @Nullable [] bytes) throws InvalidProtocolBufferException;
  }

  private void update(TopoEvent event, Change change) {
    lock.lock();
    try {
      change.apply(event.value());
      publish();
    } catch (InvalidProtocolBufferException e) {
      log.atError().addKeyValue("path", event.path()).setCause(e).log("unreadable topology record");
    } finally {
      lock.unlock();
    }
  }

  private void publish() {
    snapshot =
        new RoutingSnapshot(
            snapshot.number() + 1, srvVSchema, Map.copyOf(shards), Map.copyOf(tablets));
    changed.signalAll();
  }

  @Override
  public void close() {
    for (AutoCloseable watch : watches) {
      try {
        watch.close();
      } catch (Exception e) {
        log.atWarn().setCause(e).log("closing a watch");
      }
    }
  }
}

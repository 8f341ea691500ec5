package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.LOCK_LOST;
import static dev.shunt.topo.TopoException.Kind.TIMEOUT;
import static dev.shunt.topo.TopoException.Kind.UNAVAILABLE;

import dev.shunt.topo.TopoStore.Guard;
import dev.shunt.topo.TopoStore.StoreLock;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A lock in Vitess's way: a key below {@code <directory>/locks/} bound to a lease, its name the
 * lease's id. The oldest key holds the lock, so it is a fair queue. The token is the key's create
 * revision.
 */
final class EtcdLock implements StoreLock {
  /** A change of the older key may be missed while etcd restarts: look again after this long. */
  private static final long LOOK_AGAIN_MILLIS = 2000;

  private final EtcdStore store;
  private final EtcdLease lease;
  private final String directory;
  private final String lockKey;
  private final long token;
  private final Duration ttl;

  private EtcdLock(EtcdStore store, EtcdLease lease, String directory, String lockKey, long token) {
    this.store = store;
    this.lease = lease;
    this.directory = directory;
    this.lockKey = lockKey;
    this.token = token;
    this.ttl = lease.ttl();
  }

  static EtcdLock acquire(
      EtcdStore store, String directory, String action, Duration ttl, Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    EtcdLease lease = EtcdLease.grant(store.session(), ttl, directory);
    boolean granted = false;
    try {
      String lockKey = directory + "/locks/" + lease.id();
      long token = enqueue(store, lockKey, lease.id(), LockValue.of(action));
      EtcdLock lock = new EtcdLock(store, lease, directory, lockKey, token);
      lock.waitForTurn(deadline, wait);
      granted = true;
      return lock;
    } finally {
      if (!granted) {
        lease.close();
      }
    }
  }

  /** Makes the key and tells its create revision. */
  private static long enqueue(EtcdStore store, String lockKey, long leaseId, String value) {
    ByteSequence key = store.key(lockKey);
    TxnResponse answer =
        Etcd.await(
            store
                .client()
                .getKVClient()
                .txn()
                .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.version(0)))
                .Then(
                    Op.put(
                        key, Etcd.bytes(value), PutOption.builder().withLeaseId(leaseId).build()))
                .Else(Op.get(key, GetOption.DEFAULT))
                .commit(),
            "lock " + lockKey);
    if (answer.isSucceeded()) {
      return answer.getHeader().getRevision();
    }
    // The lease is ours alone: the key is ours too, made by a try whose answer was lost.
    return answer.getGetResponses().getFirst().getKvs().getFirst().getCreateRevision();
  }

  private void waitForTurn(long deadline, Duration wait) {
    while (true) {
      GetResponse older = older();
      if (older.getKvs().isEmpty()) {
        return;
      }
      KeyValue before = older.getKvs().getFirst();
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new TopoException(
            TIMEOUT,
            directory
                + " is still locked after "
                + wait.toMillis()
                + " ms by "
                + LockValue.describe(Etcd.text(before.getValue())));
      }
      awaitDeletion(before.getKey(), older.getHeader().getRevision() + 1, left);
    }
  }

  /** The newest key that is older than ours, if any; LOCK_LOST when ours is gone. */
  private GetResponse older() {
    ByteSequence key = store.key(lockKey);
    KV kv = store.client().getKVClient();
    TxnResponse answer =
        Etcd.await(
            kv.txn()
                .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(token)))
                .Then(
                    Op.get(
                        store.key(directory + "/locks/"),
                        GetOption.builder()
                            .isPrefix(true)
                            .withMaxCreateRevision(token - 1)
                            .withSortField(GetOption.SortTarget.CREATE)
                            .withSortOrder(GetOption.SortOrder.DESCEND)
                            .withLimit(1)
                            .build()))
                .commit(),
            "lock " + lockKey);
    if (!answer.isSucceeded()) {
      throw lost();
    }
    return answer.getGetResponses().getFirst();
  }

  private void awaitDeletion(ByteSequence key, long revision, long millis) {
    CountDownLatch gone = new CountDownLatch(1);
    Watch.Listener listener =
        Watch.listener(
            answer -> {
              if (answer.getEvents().stream()
                  .anyMatch(event -> event.getEventType() == WatchEvent.EventType.DELETE)) {
                gone.countDown();
              }
            },
            error -> gone.countDown());
    try (Watch.Watcher _ =
        store
            .client()
            .getWatchClient()
            .watch(key, WatchOption.builder().withRevision(revision).build(), listener)) {
      boolean unused = gone.await(Math.min(millis, LOOK_AGAIN_MILLIS), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopoException(UNAVAILABLE, "interrupted while waiting for " + directory, e);
    }
  }

  private TopoException lost() {
    return new TopoException(LOCK_LOST, "lock " + directory + " is no longer held");
  }

  @Override
  public Guard guard() {
    return new Guard(lockKey, token);
  }

  @Override
  public String path() {
    return directory;
  }

  @Override
  public long token() {
    return token;
  }

  @Override
  public void check() {
    if (!lease.renew()) {
      throw lost();
    }
    List<KeyValue> present =
        Etcd.await(store.client().getKVClient().get(store.key(lockKey)), "check " + lockKey)
            .getKvs();
    if (present.stream().noneMatch(pair -> pair.getCreateRevision() == token)) {
      throw lost();
    }
  }

  @Override
  public Duration ttl() {
    return ttl;
  }

  @Override
  public void close() {
    lease.close();
  }
}

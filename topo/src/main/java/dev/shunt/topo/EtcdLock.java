package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.LOCK_LOST;
import static dev.shunt.topo.TopoException.Kind.UNAVAILABLE;

import dev.shunt.topo.TopoStore.Guard;
import dev.shunt.topo.TopoStore.StoreLock;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
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
import java.util.concurrent.CompletableFuture;

/**
 * A lock in Vitess's way: a key below {@code <directory>/locks/} bound to a lease, its name the
 * lease's id. The oldest key holds the lock, so it is a fair queue. The token is the key's create
 * revision.
 */
final class EtcdLock implements StoreLock {
  /** A change of the older key may be missed while etcd restarts: look again after this long. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

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
      EtcdStore store, String directory, String action, Duration ttl, LockWait wait) {
    EtcdLease lease = EtcdLease.grant(store.session(), ttl, directory);
    boolean granted = false;
    try {
      String lockKey = directory + "/locks/" + lease.id();
      long token =
          enqueue(
              store, lockKey, lease.id(), LockValue.of(action, store.session().time().instant()));
      EtcdLock lock = new EtcdLock(store, lease, directory, lockKey, token);
      lock.waitForTurn(new LockLine(wait, store.session().time()));
      granted = true;
      return lock;
    } finally {
      if (!granted) {
        lease.close();
      }
    }
  }

  /** Makes the key and returns its create revision. */
  private static long enqueue(EtcdStore store, String lockKey, long leaseId, String value) {
    ByteSequence key = store.key(lockKey);
    TxnResponse answer =
        store
            .session()
            .await(
                store
                    .client()
                    .getKVClient()
                    .txn()
                    .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.version(0)))
                    .Then(
                        Op.put(
                            key,
                            Etcd.bytes(value),
                            PutOption.builder().withLeaseId(leaseId).build()))
                    .Else(Op.get(key, GetOption.DEFAULT))
                    .commit(),
                "lock " + lockKey);
    if (answer.isSucceeded()) {
      return answer.getHeader().getRevision();
    }
    // The lease is ours alone: the key is ours too, made by a try whose answer was lost.
    return answer.getGetResponses().getFirst().getKvs().getFirst().getCreateRevision();
  }

  private void waitForTurn(LockLine line) {
    while (true) {
      TxnResponse older = older();
      List<KeyValue> before = older.getGetResponses().getFirst().getKvs();
      if (before.isEmpty()) {
        return;
      }
      KeyValue holder = older.getGetResponses().getLast().getKvs().getFirst();
      line.heldBy(store.holder(holder));
      awaitDeletion(before.getFirst().getKey(), older.getHeader().getRevision() + 1, line.pause());
    }
  }

  /** The newest key that is older than ours and the oldest one; LOCK_LOST when ours is gone. */
  private TxnResponse older() {
    ByteSequence key = store.key(lockKey);
    TxnResponse answer =
        store
            .session()
            .read(
                () ->
                    store
                        .client()
                        .getKVClient()
                        .txn()
                        .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(token)))
                        .Then(older(GetOption.SortOrder.DESCEND), older(GetOption.SortOrder.ASCEND))
                        .commit(),
                "lock " + lockKey);
    if (!answer.isSucceeded()) {
      throw lost();
    }
    return answer;
  }

  private Op.GetOp older(GetOption.SortOrder order) {
    return Op.get(
        store.key(directory + "/locks/"),
        GetOption.builder()
            .isPrefix(true)
            .withMaxCreateRevision(token - 1)
            .withSortField(GetOption.SortTarget.CREATE)
            .withSortOrder(order)
            .withLimit(1)
            .build());
  }

  private void awaitDeletion(ByteSequence key, long revision, Duration pause) {
    CompletableFuture<Boolean> gone = new CompletableFuture<>();
    Watch.Listener listener =
        Watch.listener(
            answer -> {
              if (answer.getEvents().stream()
                  .anyMatch(event -> event.getEventType() == WatchEvent.EventType.DELETE)) {
                gone.complete(true);
              }
            },
            error -> gone.complete(false));
    try (Watch.Watcher _ =
        store
            .client()
            .getWatchClient()
            .watch(key, WatchOption.builder().withRevision(revision).build(), listener)) {
      Duration limit = pause.compareTo(LOOK_AGAIN) < 0 ? pause : LOOK_AGAIN;
      boolean unused = store.session().time().await(gone, limit);
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
        store
            .session()
            .read(() -> store.client().getKVClient().get(store.key(lockKey)), "check " + lockKey)
            .getKvs();
    if (present.stream().noneMatch(pair -> pair.getCreateRevision() == token)) {
      throw lost();
    }
  }

  @Override
  public void onLost(Runnable listener) {
    lease.onLost(listener);
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

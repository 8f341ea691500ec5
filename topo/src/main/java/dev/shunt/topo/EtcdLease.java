package dev.shunt.topo;

import dev.shunt.time.Time;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.NoSuchLeaseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease that a thread of its own keeps alive until it is closed: renewed every third of its time
 * to live, given up as lost when etcd says so or has not answered for a whole time to live.
 */
final class EtcdLease implements AutoCloseable, EtcdSession.Resident {
  private static final Logger log = LoggerFactory.getLogger(EtcdLease.class);

  /** How long it is waited until etcd has taken a lease away. */
  private static final Duration REVOKED = Duration.ofSeconds(2);

  private final EtcdSession session;
  private final Time time;
  private final Lease client;
  private final long id;
  private final Duration ttl;
  private final String what;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicBoolean lost = new AtomicBoolean();

  /** Guards {@link #listeners}, and that each of them is called. */
  private final ReentrantLock lock = new ReentrantLock();

  private final List<Runnable> listeners = new ArrayList<>();
  private final Thread keeper;
  private volatile long aliveUntil;

  private EtcdLease(EtcdSession session, long id, Duration ttl, String what, long grantedAt) {
    this.session = session;
    this.time = session.time();
    this.client = session.client().getLeaseClient();
    this.id = id;
    this.ttl = ttl;
    this.what = what;
    this.aliveUntil = grantedAt + ttl.toNanos();
    this.keeper = Thread.ofVirtual().name("topo-lease " + what).unstarted(this::keepAlive);
  }

  /** Takes a lease of at least a second and starts to keep it alive. */
  static EtcdLease grant(EtcdSession session, Duration ttl, String what) {
    long seconds = Math.max(1, ttl.plusMillis(999).toSeconds());
    long at = session.time().nanoTime();
    LeaseGrantResponse answer =
        session.await(
            session.client().getLeaseClient().grant(seconds), "grant a lease for " + what);
    EtcdLease lease =
        new EtcdLease(session, answer.getID(), Duration.ofSeconds(answer.getTTL()), what, at);
    lease.keeper.start();
    session.add(lease);
    return lease;
  }

  long id() {
    return id;
  }

  Duration ttl() {
    return ttl;
  }

  private void keepAlive() {
    try {
      while (!closed.get() && !lost.get()) {
        time.sleep(ttl.dividedBy(3));
        renewInTime();
      }
    } catch (InterruptedException e) {
      log.atDebug().addKeyValue("lock", what).log("lease no longer kept alive");
    }
  }

  private void renewInTime() throws InterruptedException {
    try {
      boolean unused = renewOnce(ttl.dividedBy(3));
    } catch (ExecutionException | TimeoutException e) {
      if (time.nanoTime() - aliveUntil > 0) {
        lose();
      }
      log.atDebug()
          .addKeyValue("lock", what)
          .addKeyValue("cause", String.valueOf(e.getCause()))
          .log("lease could not be renewed");
    }
  }

  /**
   * Renews the lease now.
   *
   * @return whether it still exists
   * @throws TopoException UNAVAILABLE when etcd does not answer
   */
  boolean renew() {
    if (lost.get() || closed.get()) {
      return false;
    }
    try {
      return renewOnce(EtcdSession.ANSWER);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopoException(TopoException.Kind.UNAVAILABLE, "interrupted: renew " + what, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new TopoException(
          TopoException.Kind.UNAVAILABLE, "cannot renew the lease of " + what, e);
    }
  }

  private boolean renewOnce(Duration limit)
      throws InterruptedException, ExecutionException, TimeoutException {
    long sentAt = time.nanoTime();
    long seconds;
    try {
      CompletableFuture<LeaseKeepAliveResponse> answer = client.keepAliveOnce(id);
      if (!time.await(answer, limit)) {
        throw new TimeoutException("etcd did not answer within " + limit.toMillis() + " ms");
      }
      seconds = answer.get().getTTL();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof NoSuchLeaseException)
          && !String.valueOf(e.getCause()).contains("lease not found")) {
        throw e;
      }
      seconds = 0;
    }
    if (seconds <= 0) {
      lose();
      return false;
    }
    aliveUntil = sentAt + TimeUnit.SECONDS.toNanos(seconds);
    return !lost.get();
  }

  private void lose() {
    if (!closed.get() && lost.compareAndSet(false, true)) {
      log.atWarn().addKeyValue("lock", what).log("lock lost: its lease has ended");
      List<Runnable> called;
      lock.lock();
      try {
        called = List.copyOf(listeners);
      } finally {
        lock.unlock();
      }
      called.forEach(Runnable::run);
    }
  }

  /** Calls somebody once when the lease becomes lost, at once if it is. */
  void onLost(Runnable listener) {
    lock.lock();
    try {
      if (!lost.get()) {
        listeners.add(listener);
        return;
      }
    } finally {
      lock.unlock();
    }
    listener.run();
  }

  @Override
  public void end() {
    close();
  }

  /** Stops keeping alive and revokes the lease, whose keys vanish with it; does not wait long. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    session.remove(this);
    keeper.interrupt();
    var revoked = client.revoke(id);
    boolean interrupted = Thread.interrupted();
    try {
      if (!time.await(revoked, REVOKED) || revoked.isCompletedExceptionally()) {
        log.atDebug()
            .addKeyValue("lock", what)
            .addKeyValue("answer", revoked)
            .log("lease left to expire");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package dev.shunt.saga.fake;

import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A lock that can be lost. */
public final class FakeLock implements TopoLock {
  private final long token;
  public volatile boolean lost;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  public FakeLock(long token) {
    this.token = token;
  }

  @Override
  public String path() {
    return "internal/named_locks/customer/c2c";
  }

  @Override
  public long token() {
    return token;
  }

  @Override
  public void check() {
    if (lost) {
      throw new TopoException(TopoException.Kind.LOCK_LOST, "lock is gone");
    }
  }

  @Override
  public void onLost(Runnable listener) {
    listeners.add(listener);
  }

  /** Becomes lost, and says so. */
  public void lose() {
    lost = true;
    listeners.forEach(Runnable::run);
  }

  @Override
  public Duration ttl() {
    return Duration.ofSeconds(4);
  }

  @Override
  public void close() {}
}

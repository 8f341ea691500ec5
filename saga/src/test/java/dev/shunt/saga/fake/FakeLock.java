package dev.shunt.saga.fake;

import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import java.time.Duration;

/** A lock that can be lost. */
public final class FakeLock implements TopoLock {
  private final long token;
  public boolean lost;

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
  public Duration ttl() {
    return Duration.ofSeconds(4);
  }

  @Override
  public void close() {}
}

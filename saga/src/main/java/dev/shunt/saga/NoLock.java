package dev.shunt.saga;

import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import java.time.Duration;

/** Stands for the lock of a run that still waits for it: its token is lower than any. */
record NoLock(String path) implements TopoLock {
  @Override
  public long token() {
    return 0;
  }

  @Override
  public void check() {
    throw new TopoException(TopoException.Kind.LOCK_LOST, "lock " + path + " is not held yet");
  }

  @Override
  public void onLost(Runnable listener) {}

  @Override
  public Duration ttl() {
    return Duration.ZERO;
  }

  @Override
  public void close() {}
}

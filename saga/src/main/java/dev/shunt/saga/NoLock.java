package dev.shunt.saga;

import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import java.time.Duration;

/**
 * Stands for the lock of a run that still waits for it.
 *
 * @param token lower than that of any lock
 */
record NoLock(String path, long token) implements TopoLock {
  /** Of who waits: what it publishes is no part of what the command did. */
  static final long WAITING = 0;

  /** Of who waited in vain: a later run finds the outcome on the log and repeats it. */
  static final long GIVEN_UP = 1;

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

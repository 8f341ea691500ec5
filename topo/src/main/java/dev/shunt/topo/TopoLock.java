package dev.shunt.topo;

import java.time.Duration;

/**
 * A held lock of the topology. It is kept alive in the background until closed; its token orders it
 * among all locks that were ever held: a later holder has a higher one.
 */
public interface TopoLock extends AutoCloseable {
  /** What is locked, for instance {@code keyspaces/customer}. */
  String path();

  /**
   * Fencing token: the create revision of the lock's key, of named locks with an addition that
   * stays the same within one {@linkplain #epoch() life} of the store; grows with every
   * acquisition.
   */
  long token();

  /** Name of the life of the store in which the lock was taken; empty when it is not known. */
  default String epoch() {
    return "";
  }

  /**
   * Makes sure that the lock is still held and renews it.
   *
   * @throws TopoException with {@link TopoException.Kind#LOCK_LOST} when it is not
   */
  void check();

  /**
   * Calls somebody, on any thread and once, when it becomes known that the lock is lost; at once if
   * it is known already. Not when it is closed.
   */
  void onLost(Runnable listener);

  /** How long the lock outlives its holder. */
  Duration ttl();

  /** Releases the lock; does nothing when it is gone already. */
  @Override
  void close();
}

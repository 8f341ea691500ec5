package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.LOCK_LOST;
import static dev.shunt.topo.TopoException.Kind.TIMEOUT;
import static dev.shunt.topo.TopoException.Kind.UNAVAILABLE;

import dev.shunt.topo.TopoStore.Guard;
import dev.shunt.topo.TopoStore.StoreLock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Locks of the local store: a queue a directory, the first in it holds the lock. They live in
 * memory and end with the process, so they need no lease; their tokens are revisions of the store.
 */
final class LocalLocks {
  private final ReentrantLock mutex;
  private final Condition changed;
  private final LongSupplier nextRevision;
  private final Map<String, ArrayDeque<Held>> queues = new HashMap<>();

  LocalLocks(ReentrantLock mutex, LongSupplier nextRevision) {
    this.mutex = mutex;
    this.changed = mutex.newCondition();
    this.nextRevision = nextRevision;
  }

  StoreLock lock(String cell, String directory, String action, Duration ttl, Duration wait) {
    mutex.lock();
    try {
      ArrayDeque<Held> queue =
          queues.computeIfAbsent(cell + "/" + directory, key -> new ArrayDeque<>());
      Held mine = new Held(queue, directory, action, nextRevision.getAsLong(), ttl);
      queue.add(mine);
      boolean granted = false;
      try {
        long nanos = wait.toNanos();
        while (queue.contains(mine) && queue.peekFirst() != mine && nanos > 0) {
          nanos = changed.awaitNanos(nanos);
        }
        granted = queue.peekFirst() == mine;
        if (!granted) {
          throw notGranted(queue, mine, wait);
        }
        return mine;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TopoException(UNAVAILABLE, "interrupted while waiting for " + directory, e);
      } finally {
        if (!granted) {
          mine.leave();
        }
      }
    } finally {
      mutex.unlock();
    }
  }

  private static TopoException notGranted(ArrayDeque<Held> queue, Held mine, Duration wait) {
    Held holder = queue.peekFirst();
    if (holder == null || !queue.contains(mine)) {
      return new TopoException(LOCK_LOST, "lost the place in the queue for " + mine.directory);
    }
    return new TopoException(
        TIMEOUT,
        mine.directory
            + " is still locked for "
            + holder.action
            + " after "
            + wait.toMillis()
            + " ms");
  }

  /** Whether a guard's lock is held; the mutex is held. */
  boolean holds(Guard guard) {
    return queues.values().stream()
        .anyMatch(queue -> queue.stream().anyMatch(held -> held.guard().equals(guard)));
  }

  /** Takes the lock of a directory away from its holder. */
  void lose(String directory) {
    mutex.lock();
    try {
      ArrayDeque<Held> queue = queues.get(directory);
      if (queue != null && queue.pollFirst() != null) {
        changed.signalAll();
      }
    } finally {
      mutex.unlock();
    }
  }

  /** How many hold or wait for the lock of a directory. */
  int queueLength(String directory) {
    mutex.lock();
    try {
      ArrayDeque<Held> queue = queues.get(directory);
      return queue == null ? 0 : queue.size();
    } finally {
      mutex.unlock();
    }
  }

  /** All locks are gone. */
  void loseAll() {
    queues.values().forEach(ArrayDeque::clear);
    changed.signalAll();
  }

  /** A lock that is held or waited for. */
  private final class Held implements StoreLock {
    private final ArrayDeque<Held> queue;
    private final String directory;
    private final String action;
    private final long token;
    private final Duration ttl;

    Held(ArrayDeque<Held> queue, String directory, String action, long token, Duration ttl) {
      this.queue = queue;
      this.directory = directory;
      this.action = action;
      this.token = token;
      this.ttl = ttl;
    }

    private void leave() {
      if (queue.remove(this)) {
        changed.signalAll();
      }
    }

    @Override
    public Guard guard() {
      return new Guard(directory + "/locks/" + token, token);
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
      mutex.lock();
      try {
        if (queue.peekFirst() != this) {
          throw new TopoException(LOCK_LOST, "lock " + directory + " is no longer held");
        }
      } finally {
        mutex.unlock();
      }
    }

    @Override
    public Duration ttl() {
      return ttl;
    }

    @Override
    public void close() {
      mutex.lock();
      try {
        leave();
      } finally {
        mutex.unlock();
      }
    }
  }
}

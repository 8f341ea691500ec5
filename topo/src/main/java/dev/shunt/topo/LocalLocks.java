package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.LOCK_LOST;
import static dev.shunt.topo.TopoException.Kind.UNAVAILABLE;

import dev.shunt.time.Time;
import dev.shunt.topo.TopoStore.Guard;
import dev.shunt.topo.TopoStore.StoreLock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Locks of the local store: a queue a directory, the first in it holds the lock. They live in
 * memory and end with the process, so they need no lease; their tokens are revisions of the store.
 */
final class LocalLocks {
  private final ReentrantLock mutex;
  private final LongSupplier nextRevision;
  private final Time time;
  private final Map<String, ArrayDeque<Held>> queues = new HashMap<>();

  /** Ends with the next change of any queue, which another one follows; guarded by the mutex. */
  private CompletableFuture<Boolean> change = new CompletableFuture<>();

  LocalLocks(ReentrantLock mutex, LongSupplier nextRevision, Time time) {
    this.mutex = mutex;
    this.nextRevision = nextRevision;
    this.time = time;
  }

  StoreLock lock(String cell, String directory, String action, Duration ttl, LockWait wait) {
    mutex.lock();
    try {
      ArrayDeque<Held> queue =
          queues.computeIfAbsent(cell + "/" + directory, key -> new ArrayDeque<>());
      Held own = new Held(queue, directory, action, nextRevision.getAsLong(), ttl);
      queue.add(own);
      boolean granted = false;
      try {
        LockLine line = new LockLine(wait, time);
        Held holder = queue.peekFirst();
        while (queue.contains(own) && holder != null && holder != own) {
          waitBehind(holder, line);
          holder = queue.peekFirst();
        }
        granted = queue.peekFirst() == own;
        if (!granted) {
          throw new TopoException(LOCK_LOST, "lost the place in the queue for " + directory);
        }
        return own;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TopoException(UNAVAILABLE, "interrupted while waiting for " + directory, e);
      } finally {
        if (!granted) {
          own.leave();
        }
      }
    } finally {
      mutex.unlock();
    }
  }

  /**
   * Waits for a change, or until the holder is to be looked at again. The mutex is not held
   * meanwhile, nor while the holder is reported.
   */
  private void waitBehind(Held holder, LockLine line) throws InterruptedException {
    CompletableFuture<Boolean> next = change;
    mutex.unlock();
    try {
      line.heldBy(holder.describe());
      boolean unused = time.await(next, line.pause());
    } finally {
      mutex.lock();
    }
  }

  /** A queue is not as it was; the mutex is held. */
  private void changed() {
    boolean unused = change.complete(true);
    change = new CompletableFuture<>();
  }

  /** Who holds or waits for locks of a cell, by path and in their order. */
  List<LockHolder> all(String cell) {
    mutex.lock();
    try {
      return new TreeMap<>(queues)
          .entrySet().stream()
              .filter(queue -> queue.getKey().startsWith(cell + "/"))
              .flatMap(queue -> queue.getValue().stream())
              .map(Held::describe)
              .toList();
    } finally {
      mutex.unlock();
    }
  }

  /** Takes a place in a queue away; false when there is none with this key. */
  boolean breakLock(String cell, String key) {
    mutex.lock();
    try {
      for (Map.Entry<String, ArrayDeque<Held>> queue : queues.entrySet()) {
        for (Held held : queue.getValue()) {
          if (queue.getKey().startsWith(cell + "/") && held.guard().lockKey().equals(key)) {
            held.lose();
            return true;
          }
        }
      }
      return false;
    } finally {
      mutex.unlock();
    }
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
      Held held = queue == null ? null : queue.peekFirst();
      if (held != null) {
        held.lose();
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
    changed();
  }

  /** A lock that is held or waited for. */
  private final class Held implements StoreLock {
    private final ArrayDeque<Held> queue;
    private final String directory;
    private final String action;
    private final long token;
    private final Duration ttl;
    private final Instant since = time.instant();
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean lost;

    Held(ArrayDeque<Held> queue, String directory, String action, long token, Duration ttl) {
      this.queue = queue;
      this.directory = directory;
      this.action = action;
      this.token = token;
      this.ttl = ttl;
    }

    private void leave() {
      if (queue.remove(this)) {
        changed();
      }
    }

    /** The mutex is held. */
    void lose() {
      lost = true;
      leave();
      listeners.forEach(Runnable::run);
      listeners.clear();
    }

    LockHolder describe() {
      return LockValue.holder(directory, guard().lockKey(), token, LockValue.of(action, since));
    }

    @Override
    public void onLost(Runnable listener) {
      mutex.lock();
      try {
        if (lost) {
          listener.run();
        } else {
          listeners.add(listener);
        }
      } finally {
        mutex.unlock();
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

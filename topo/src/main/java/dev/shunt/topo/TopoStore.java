package dev.shunt.topo;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Bytes of one cell by path: what the record logic of {@link Topo} needs of a store. Each change
 * gets a revision of the store, which grows; the version of a record is the revision of its last
 * change. Failures are {@link TopoException}s of kind UNAVAILABLE.
 */
interface TopoStore {
  /** A record as it is stored. */
  record Entry(String path, ByteString value, long version) {}

  /** A write takes place only while the lock with this key and token is held. */
  record Guard(String lockKey, long token) {}

  /** One change of a write. */
  sealed interface Change {
    /** Path of the record that changes. */
    String path();

    /** Writes a record, new or not. */
    record Put(String path, ByteString value) implements Change {}

    /** Removes a record; nothing when it is not there. */
    record Delete(String path) implements Change {}
  }

  /** What became of a write. */
  sealed interface Outcome {
    /** It took place and got this revision. */
    record Committed(long revision) implements Outcome {}

    /** Nothing was written: a record has another version than expected. */
    record Conflict() implements Outcome {}

    /** Nothing was written: a guard's lock is not held. */
    record GuardLost(Guard guard) implements Outcome {}
  }

  /** A lock of a store and the key that stands for it. */
  interface StoreLock extends TopoLock {
    /** Key to guard writes with. */
    Guard guard();
  }

  /** Reads a record. */
  Optional<Entry> get(String path);

  /** The newest revision. */
  long revision();

  /** All records whose path starts with the prefix, by path, as of one moment; without locks. */
  List<Entry> list(String prefix);

  /**
   * Writes all changes or none.
   *
   * @param guards locks that have to be held
   * @param expected version by path that records must have; 0 means that there is none
   * @param changes what to write, at most one change a path
   */
  Outcome commit(List<Guard> guards, Map<String, Long> expected, List<Change> changes);

  /**
   * Takes the lock of a directory; those who wait get it in the order in which they came.
   *
   * @throws TopoException TIMEOUT when it is not free within {@code wait}
   */
  StoreLock lock(String directory, String action, Duration ttl, LockWait wait);

  /** Who holds or waits for locks, by path and in their order. */
  List<LockHolder> locks();

  /** Removes the key of a lock, whoever has it; false when there is no such key. */
  boolean breakLock(String key);

  /** As {@link Topo#watch(String, String, Consumer, Runnable)}. */
  AutoCloseable watch(String prefix, Consumer<TopoEvent> listener, Runnable synced);
}

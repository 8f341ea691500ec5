package dev.shunt.topo;

import com.google.protobuf.ByteString;
import dev.shunt.time.Time;
import dev.shunt.topo.TopoStore.Change;
import dev.shunt.topo.TopoStore.Entry;
import dev.shunt.topo.TopoStore.StoreLock;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The name of the store's life, a record of the store that is made at first use. */
final class Lives {
  private static final Logger log = LoggerFactory.getLogger(Lives.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  /** More revisions than a store makes in a second. */
  private static final long TOKENS_A_SECOND = 1L << 20;

  private final TopoStore store;
  private final Time time;

  Lives(TopoStore store, Time time) {
    this.store = store;
    this.time = time;
  }

  /**
   * What the store has of its life.
   *
   * @param epoch its name
   * @param base what is added to revisions, so that tokens are greater than those of earlier lives
   */
  private record Life(String epoch, long base) {
    static Life of(Entry entry) {
      String[] parts = entry.value().toStringUtf8().split(" ", -1);
      try {
        return new Life(parts[0], Long.parseLong(parts[1]));
      } catch (RuntimeException e) {
        throw new TopoException(
            TopoException.Kind.INVALID,
            "record " + entry.path() + " of the topology is not as it was written; remove it",
            e);
      }
    }

    ByteString bytes() {
      return ByteString.copyFromUtf8(epoch + " " + base);
    }
  }

  private Life fresh(long after) {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    long byClock = Math.max(0, time.instant().getEpochSecond()) * TOKENS_A_SECOND;
    return new Life(HexFormat.of().formatHex(bytes), Math.max(byClock, after));
  }

  private Life life() {
    while (true) {
      Optional<Entry> entry = store.get(Paths.EPOCH);
      if (entry.isPresent()) {
        return Life.of(entry.get());
      }
      var unused =
          store.commit(
              List.of(),
              Map.of(Paths.EPOCH, 0L),
              List.of(new Change.Put(Paths.EPOCH, fresh(0).bytes())));
    }
  }

  /** The life as of now. */
  StoreLife current() {
    Life life = life();
    return new StoreLife(life.epoch(), life.base() + store.revision());
  }

  /** A lock of this store as it is known outside. */
  StoreLock in(StoreLock lock) {
    Life life = life();
    return new LockInLife(lock, life.epoch(), life.base() + lock.token());
  }

  /** Ends a life, when it is the one of now, and begins another with greater tokens. */
  void end(String epoch, long after) {
    Optional<Entry> entry = store.get(Paths.EPOCH);
    if (entry.isEmpty() || !Life.of(entry.get()).epoch().equals(epoch)) {
      return;
    }
    Life next = fresh(after);
    var outcome =
        store.commit(
            List.of(),
            Map.of(Paths.EPOCH, entry.get().version()),
            List.of(new Change.Put(Paths.EPOCH, next.bytes())));
    if (outcome instanceof TopoStore.Outcome.Committed) {
      log.atWarn()
          .addKeyValue("epoch", next.epoch())
          .addKeyValue("before", epoch)
          .log("the topology was put back to an earlier state; a new epoch begins");
    }
  }

  /** A lock that knows the life in which it was taken. */
  private record LockInLife(StoreLock lock, String epoch, long token) implements StoreLock {
    @Override
    public TopoStore.Guard guard() {
      return lock.guard();
    }

    @Override
    public String path() {
      return lock.path();
    }

    @Override
    public void check() {
      lock.check();
    }

    @Override
    public void onLost(Runnable listener) {
      lock.onLost(listener);
    }

    @Override
    public Duration ttl() {
      return lock.ttl();
    }

    @Override
    public void close() {
      lock.close();
    }
  }
}

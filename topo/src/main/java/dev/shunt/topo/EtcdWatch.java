package dev.shunt.topo;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watch of an etcd cell. It lists what is there, then follows from that revision on. jetcd
 * resumes a broken connection where it was; when that is not possible (the revision was compacted,
 * the listener failed) it lists again: what is there is delivered again, what vanished meanwhile as
 * deleted.
 */
final class EtcdWatch implements AutoCloseable, EtcdSession.Resident {
  private static final Logger log = LoggerFactory.getLogger(EtcdWatch.class);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private sealed interface Signal {
    record Events(WatchResponse response) implements Signal {}

    record Broken(@Nullable Throwable cause) implements Signal {}
  }

  private final EtcdStore store;
  private final String prefix;
  private final Consumer<TopoEvent> listener;
  private final Runnable synced;
  private final Set<String> known = new HashSet<>();
  private final Thread deliverer;
  private long newest;

  /** An interrupt alone may be lost in what is called meanwhile. */
  private volatile boolean closed;

  private EtcdWatch(EtcdStore store, String prefix, Consumer<TopoEvent> listener, Runnable synced) {
    this.store = store;
    this.prefix = prefix;
    this.listener = listener;
    this.synced = synced;
    this.deliverer = Thread.ofVirtual().name("topo-watch " + prefix).unstarted(this::run);
  }

  static EtcdWatch start(
      EtcdStore store, String prefix, Consumer<TopoEvent> listener, Runnable synced) {
    EtcdWatch watch = new EtcdWatch(store, prefix, listener, synced);
    watch.deliverer.start();
    store.session().add(watch);
    return watch;
  }

  private void run() {
    try {
      while (!closed) {
        try {
          follow(list());
        } catch (TopoException e) {
          // That etcd is away is logged where the connection is kept.
          if (Thread.interrupted() || store.session().closed()) {
            return;
          }
          log.atDebug()
              .addKeyValue("cell", store.cell())
              .addKeyValue("prefix", prefix)
              .addKeyValue("reason", e.getMessage())
              .log("watch can't list, listing again");
        } catch (RuntimeException e) {
          if (Thread.interrupted() || store.session().closed()) {
            return;
          }
          log.atWarn()
              .addKeyValue("cell", store.cell())
              .addKeyValue("prefix", prefix)
              .setCause(e)
              .log("watch broke, listing again");
        }
        store.session().time().sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      log.atDebug().addKeyValue("prefix", prefix).log("watch closed");
    }
  }

  /** Delivers what is there and what vanished since the last listing; returns its revision. */
  private long list() {
    EtcdStore.Listing listing = store.listing(prefix);
    if (listing.revision() < newest) {
      log.atWarn()
          .addKeyValue("cell", store.cell())
          .addKeyValue("prefix", prefix)
          .addKeyValue("revision", listing.revision())
          .addKeyValue("before", newest)
          .log("etcd was put back to an earlier state or made anew; what it has now counts");
    }
    newest = listing.revision();
    Set<String> vanished = new HashSet<>(known);
    listing.entries().forEach(entry -> vanished.remove(entry.path()));
    vanished.forEach(path -> deliver(path, null, listing.revision()));
    listing.entries().forEach(entry -> deliver(entry.path(), entry.value(), entry.version()));
    if (!closed) { // or not all of it was delivered
      synced.run();
    }
    return listing.revision();
  }

  /** Delivers each change after the revision, until the watch breaks. */
  private void follow(long revision) throws InterruptedException {
    BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    WatchOption option =
        WatchOption.builder()
            .isPrefix(true)
            .withRevision(revision + 1)
            .withCreateNotify(true)
            .withRequireLeader(true) // one that is cut off from the others would be silent
            .build();
    Watch.Listener toQueue =
        Watch.listener(
            response -> signals.add(new Signal.Events(response)),
            error -> signals.add(new Signal.Broken(error)),
            () -> signals.add(new Signal.Broken(null)));
    try (Watch.Watcher _ =
        store.client().getWatchClient().watch(store.key(prefix), option, toQueue)) {
      while (!closed) {
        switch (signals.take()) {
          case Signal.Events(WatchResponse response) -> {
            long now = response.getHeader().getRevision();
            if (now < newest) {
              return; // Put back since: such a watch would be silent until that revision comes.
            }
            newest = now;
            response.getEvents().forEach(this::deliver);
          }
          case Signal.Broken(Throwable cause) -> {
            log.atDebug()
                .addKeyValue("cell", store.cell())
                .addKeyValue("prefix", prefix)
                .addKeyValue("cause", String.valueOf(cause))
                .log("watch ended, listing again");
            return;
          }
        }
      }
    }
  }

  private void deliver(WatchEvent event) {
    KeyValue pair = event.getKeyValue();
    String path = store.path(pair.getKey());
    if (Paths.isLock(path)) {
      return;
    }
    ByteString value =
        event.getEventType() == WatchEvent.EventType.DELETE
            ? null
            : ByteString.copyFrom(pair.getValue().getBytes());
    deliver(path, value, pair.getModRevision());
  }

  private void deliver(String path, @Nullable ByteString value, long version) {
    if (closed) {
      return;
    }
    listener.accept(
        new TopoEvent(store.cell(), path, value == null ? null : value.toByteArray(), version));
    if (value == null) {
      known.remove(path);
    } else {
      known.add(path);
    }
  }

  @Override
  public void end() {
    closed = true;
    deliverer.interrupt();
  }

  @Override
  public void close() {
    closed = true;
    store.session().remove(this);
    deliverer.interrupt();
  }
}

package dev.shunt.topo;

import com.google.protobuf.ByteString;
import dev.shunt.time.Time;
import dev.shunt.topo.TopoStore.Change;
import dev.shunt.topo.TopoStore.Entry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A watch of a local cell: changes wait in a queue, a thread of its own delivers them in order. */
final class LocalWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalWatch.class);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final String cell;
  private final String prefix;
  private final Consumer<TopoEvent> listener;
  private final BlockingQueue<Runnable> deliveries = new LinkedBlockingQueue<>();
  private final Runnable synced;
  private final Time time;
  private volatile boolean closed;
  private @Nullable Thread deliverer;
  private Runnable onClose = () -> {};

  LocalWatch(String cell, String prefix, Consumer<TopoEvent> listener, Runnable synced, Time time) {
    this.cell = cell;
    this.prefix = prefix;
    this.listener = listener;
    this.synced = synced;
    this.time = time;
  }

  /** Path prefix with the cell in front. */
  String prefix() {
    return prefix;
  }

  void start(List<Entry> present, Runnable whenClosed) {
    this.onClose = whenClosed;
    present.forEach(entry -> add(entry.path(), entry.value(), entry.version()));
    deliveries.add(synced);
    deliverer = Thread.ofVirtual().name("topo-watch " + prefix).start(this::run);
  }

  /** Queues what the changes say of the watched paths. */
  void enqueue(List<Change> changes, long revision) {
    for (Change change : changes) {
      if (change.path().startsWith(prefix)) {
        switch (change) {
          case Change.Put put -> add(put.path(), put.value(), revision);
          case Change.Delete delete -> add(delete.path(), null, revision);
        }
      }
    }
  }

  private void add(String path, @Nullable ByteString value, long version) {
    TopoEvent event =
        new TopoEvent(
            cell,
            path.substring(cell.length() + 1),
            value == null ? null : value.toByteArray(),
            version);
    deliveries.add(() -> listener.accept(event));
  }

  private void run() {
    try {
      while (!closed) {
        deliver(deliveries.take());
      }
    } catch (InterruptedException e) {
      log.atDebug().addKeyValue("prefix", prefix).log("watch closed");
    }
  }

  /** Delivers something, again and again while the listener fails. */
  private void deliver(Runnable delivery) throws InterruptedException {
    while (!closed) { // a listener may have taken the interrupt
      try {
        delivery.run();
        return;
      } catch (RuntimeException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        log.atError().addKeyValue("prefix", prefix).setCause(e).log("watcher failed, again");
        time.sleep(PAUSE);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    onClose.run();
    Thread running = deliverer;
    if (running != null) {
      running.interrupt();
    }
  }
}

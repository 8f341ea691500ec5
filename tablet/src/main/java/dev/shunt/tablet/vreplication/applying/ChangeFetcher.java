package dev.shunt.tablet.vreplication.applying;

import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.TabletStream;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads a source's changes ahead of the applier, on a thread of its own, as far as the buffer goes.
 */
final class ChangeFetcher implements AutoCloseable {
  private static final int MESSAGES = 64;

  /** What the applier takes. */
  sealed interface Item {
    /** Some events. */
    record Events(EventPacket packet) implements Item {}

    /** The stream broke. */
    record Broken(RuntimeException cause) implements Item {}

    /** Nothing: somebody wants the applier to look around. */
    record Wake() implements Item {}
  }

  private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(MESSAGES);
  private final TabletStream<EventPacket> stream;
  private final Thread thread;
  private volatile boolean closed;

  ChangeFetcher(TabletStream<EventPacket> stream, String name) {
    this.stream = stream;
    this.thread = Thread.ofVirtual().name(name).start(this::fetch);
  }

  private void fetch() {
    try {
      while (stream.hasNext()) {
        queue.put(new Item.Events(stream.next()));
      }
      queue.put(new Item.Broken(new IllegalStateException("vstream ended")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      if (!closed) {
        deliver(new Item.Broken(e));
      }
    } catch (Error e) { // such as no memory: the applier would wait for ever
      deliver(new Item.Broken(new IllegalStateException("reading changes failed: " + e, e)));
    }
  }

  private void deliver(Item item) {
    try {
      queue.put(item);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next item; null when none came in time. */
  @Nullable Item poll(Duration wait) throws InterruptedException {
    return queue.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whether more is there already. */
  boolean hasMore() {
    return !queue.isEmpty();
  }

  /** Lets a waiting applier return. */
  void wake() {
    if (!queue.offer(new Item.Wake())) {
      return; // full: it does not wait
    }
  }

  @Override
  public void close() {
    closed = true;
    stream.close();
    thread.interrupt();
  }
}

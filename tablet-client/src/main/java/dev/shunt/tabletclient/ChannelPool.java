package dev.shunt.tabletclient;

import dev.shunt.net.GrpcChannelBuilder;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Channels by address. A channel stays connected while it is used and for the idle time after; the
 * next call to its address makes a new one.
 */
final class ChannelPool implements AutoCloseable {
  /** Longer than any pool keeps a channel: which of them to close is the pool's to say. */
  private static final Duration CONNECTION_IDLE = Duration.ofDays(1);

  private final TabletClientConfig config;
  private final ScheduledExecutorService sweeper;
  private final Map<String, Entry> entries = new HashMap<>();
  private boolean closed;

  ChannelPool(TabletClientConfig config) {
    this.config = config;
    this.sweeper =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tablet-channels").factory());
    long period = Math.max(100, config.idle().toMillis() / 4);
    var unused =
        sweeper.scheduleWithFixedDelay(
            () -> sweep(System.nanoTime()), period, period, TimeUnit.MILLISECONDS);
  }

  /** A channel in use until it is released. */
  static final class Entry {
    private final ManagedChannel channel;
    private int users;
    private long releasedAt;

    private Entry(ManagedChannel channel) {
      this.channel = channel;
    }

    ManagedChannel channel() {
      return channel;
    }
  }

  synchronized Entry acquire(String host, int port) {
    if (closed) {
      throw new IllegalStateException("tablet clients are closed");
    }
    Entry entry =
        entries.computeIfAbsent(host + ":" + port, address -> new Entry(open(host, port)));
    entry.users++;
    return entry;
  }

  synchronized void release(Entry entry) {
    entry.users--;
    entry.releasedAt = System.nanoTime();
  }

  synchronized int size() {
    return entries.size();
  }

  private ManagedChannel open(String host, int port) {
    return GrpcChannelBuilder.to(host, port)
        .keepAlive(config.keepalive(), config.keepaliveTimeout())
        .idle(CONNECTION_IDLE)
        .maxMessageBytes(config.maxMessageBytes())
        .open();
  }

  synchronized void sweep(long now) {
    for (Iterator<Entry> each = entries.values().iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (entry.users == 0 && now - entry.releasedAt > config.idle().toNanos()) {
        each.remove();
        entry.channel.shutdown();
      }
    }
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
    synchronized (this) {
      closed = true;
      entries.values().forEach(entry -> entry.channel.shutdownNow());
      entries.clear();
    }
  }
}

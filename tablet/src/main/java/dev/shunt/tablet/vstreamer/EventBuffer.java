package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.EventWriter;
import java.time.Clock;
import java.time.Instant;

/**
 * Gathers events into messages: rows until a message is full; whole transactions as long as more of
 * them are here already, so that a reader that lags gets few large messages. Stamps each event with
 * its tablet's keyspace and shard and the current time.
 */
final class EventBuffer {
  private static final int MOST_EVENTS = 4000;

  private final int packetBytes;
  private final String keyspace;
  private final String shard;
  private final Clock clock;
  private final StreamSink<EventPacket> sink;
  private final EventWriter pending;
  private int pendingBytes;
  private boolean complete;
  private long lastSent = System.nanoTime();
  private long lastThrottled;
  private boolean saidThrottled;

  EventBuffer(
      int packetBytes, String keyspace, String shard, Clock clock, StreamSink<EventPacket> sink) {
    this.packetBytes = packetBytes;
    this.keyspace = keyspace;
    this.shard = shard;
    this.clock = clock;
    this.sink = sink;
    this.pending = new EventWriter(keyspace, shard, packetBytes + packetBytes / 4);
  }

  /** Keeps an event until a later one sends it along. */
  void add(long timestamp, VEvent.Builder event) {
    complete = false;
    pending.add(
        event
            .setTimestamp(timestamp)
            .setCurrentTime(nanos())
            .setKeyspace(keyspace)
            .setShard(shard)
            .build());
  }

  /** Keeps an event that is no more than its type. */
  void add(long timestamp, VEventType type) {
    complete = false;
    pending.add(type, timestamp, nanos());
  }

  /** Keeps a position. */
  void gtid(long timestamp, String gtid) {
    complete = false;
    pending.gtid(gtid, timestamp, nanos());
  }

  /** Takes changes of rows for {@link #addRows}. */
  EventWriter changes() {
    return pending;
  }

  /**
   * Keeps an event with the changes that were taken, if there are any; sends what was kept before
   * when the message would get too big.
   *
   * @return whether there are any
   */
  boolean addRows(long timestamp, byte[] table, int flags) throws InterruptedException {
    int bytes = pending.changeBytes();
    if (bytes == 0) {
      return false;
    }
    if (pendingBytes > 0 && pendingBytes + bytes > packetBytes) {
      flush();
    }
    complete = false;
    pending.rows(table, flags, timestamp, nanos());
    pendingBytes += bytes;
    return true;
  }

  private long nanos() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  /** A transaction, or what stands alone, is complete. */
  void end() throws InterruptedException {
    complete = true;
    if (pendingBytes >= packetBytes || pending.events() >= MOST_EVENTS) {
      flush();
    }
  }

  /** Sends what is kept if it ends with a complete transaction. */
  void flushIfComplete() throws InterruptedException {
    if (complete) {
      flush();
    }
  }

  /** Sends all that is kept. */
  void flush() throws InterruptedException {
    if (pending.events() > 0) {
      EventPacket packet = pending.packet();
      pendingBytes = 0;
      sink.accept(packet);
      lastSent = System.nanoTime();
    }
  }

  /** Says that the source waits, unless it just did; what is kept goes before it. */
  void throttled(String reason, long every) throws InterruptedException {
    if (saidThrottled && System.nanoTime() - lastThrottled < every) {
      return;
    }
    saidThrottled = true;
    lastThrottled = System.nanoTime();
    add(
        now().getEpochSecond(),
        VEvent.newBuilder()
            .setType(VEventType.HEARTBEAT)
            .setThrottled(true)
            .setThrottledReason(reason));
    flush();
  }

  /** Nanoseconds since something was sent. */
  long silence() {
    return System.nanoTime() - lastSent;
  }

  Instant now() {
    return clock.instant();
  }
}

package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import binlogdata.Binlogdata.VStreamResponse;
import dev.shunt.tablet.StreamSink;
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
  private final StreamSink<VStreamResponse> sink;
  private VStreamResponse.Builder pending = VStreamResponse.newBuilder();
  private int pendingBytes;
  private boolean complete;
  private long lastSent = System.nanoTime();
  private long lastThrottled;
  private boolean saidThrottled;

  EventBuffer(
      int packetBytes,
      String keyspace,
      String shard,
      Clock clock,
      StreamSink<VStreamResponse> sink) {
    this.packetBytes = packetBytes;
    this.keyspace = keyspace;
    this.shard = shard;
    this.clock = clock;
    this.sink = sink;
  }

  /** Keeps an event until a later one sends it along. */
  void add(long timestamp, VEvent.Builder event) {
    Instant now = clock.instant();
    complete = false;
    pending.addEvents(
        event
            .setTimestamp(timestamp)
            .setCurrentTime(now.getEpochSecond() * 1_000_000_000L + now.getNano())
            .setKeyspace(keyspace)
            .setShard(shard));
  }

  /** Keeps an event with rows; sends what was kept before when the message would get too big. */
  void addRows(long timestamp, VEvent.Builder event, int bytes) throws InterruptedException {
    if (pendingBytes > 0 && pendingBytes + bytes > packetBytes) {
      flush();
    }
    add(timestamp, event);
    pendingBytes += bytes;
  }

  /** A transaction, or what stands alone, is complete. */
  void end() throws InterruptedException {
    complete = true;
    if (pendingBytes >= packetBytes || pending.getEventsCount() >= MOST_EVENTS) {
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
    if (pending.getEventsCount() > 0) {
      VStreamResponse message = pending.build();
      pending = VStreamResponse.newBuilder();
      pendingBytes = 0;
      sink.accept(message);
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

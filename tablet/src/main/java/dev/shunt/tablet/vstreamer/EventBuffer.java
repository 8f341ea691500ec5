package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VStreamResponse;
import dev.shunt.tablet.StreamSink;
import java.time.Clock;
import java.time.Instant;

/**
 * Gathers events into messages: rows until a message is full, everything at the end of a
 * transaction. Stamps each event with its tablet's keyspace and shard and the current time.
 */
final class EventBuffer {
  private final int packetBytes;
  private final String keyspace;
  private final String shard;
  private final Clock clock;
  private final StreamSink<VStreamResponse> sink;
  private VStreamResponse.Builder pending = VStreamResponse.newBuilder();
  private int pendingBytes;
  private long lastSent = System.nanoTime();

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

  /** Nanoseconds since something was sent. */
  long silence() {
    return System.nanoTime() - lastSent;
  }

  Instant now() {
    return clock.instant();
  }
}

package dev.shunt.tabletclient;

import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VStreamResponse;
import com.google.protobuf.InvalidProtocolBufferException;

/**
 * A {@code VStreamResponse} as it travels. A backlog has millions of changes: they are written to
 * and read from the bytes of the message in place, without messages for each.
 */
public final class EventPacket {
  private final byte[] bytes;
  private final int size;
  private final int events;

  EventPacket(byte[] bytes, int size, int events) {
    this.bytes = bytes;
    this.size = size;
    this.events = events;
  }

  /** The packet of a message. */
  public static EventPacket of(VStreamResponse message) {
    byte[] bytes = message.toByteArray();
    return new EventPacket(bytes, bytes.length, message.getEventsCount());
  }

  /**
   * Takes the bytes of a message, which must not change from then on.
   *
   * @throws IllegalStateException when they are none
   */
  static EventPacket parse(byte[] bytes) {
    WireReader in = new WireReader(bytes, 0, bytes.length);
    int events = 0;
    while (in.hasMore()) {
      int tag = in.tag();
      in.skipField(tag);
      if (tag == EventWire.EVENT) {
        events++;
      }
    }
    return new EventPacket(bytes, bytes.length, events);
  }

  /** The whole message. */
  public VStreamResponse toMessage() {
    try {
      return VStreamResponse.parser().parseFrom(bytes, 0, size);
    } catch (InvalidProtocolBufferException e) {
      throw WireReader.broken(String.valueOf(e.getMessage()));
    }
  }

  /** How many events there are. */
  public int events() {
    return events;
  }

  /** Begins before the first event. */
  public EventCursor cursor() {
    return new EventCursor(bytes, size);
  }

  int size() {
    return size;
  }

  byte[] array() {
    return bytes;
  }

  /** A message of one event. */
  static VEvent event(byte[] bytes, int from, int length) {
    try {
      return VEvent.parser().parseFrom(bytes, from, length);
    } catch (InvalidProtocolBufferException e) {
      throw WireReader.broken(String.valueOf(e.getMessage()));
    }
  }
}

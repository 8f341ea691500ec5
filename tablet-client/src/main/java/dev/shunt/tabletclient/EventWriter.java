package dev.shunt.tabletclient;

import binlogdata.Binlogdata.RowChange;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the events of an {@link EventPacket}. An event with rows is written change by change and
 * added at the end.
 */
public final class EventWriter {
  private static final byte[] NONE = new byte[0];
  private static final int SMALL = 1024;

  private final byte[] keyspace;
  private final byte[] shard;
  private final int capacity;
  private WireBuffer packet;
  private final WireBuffer event = new WireBuffer(1024);
  private final WireBuffer changes = new WireBuffer(64 * 1024);
  private int events;

  /**
   * @param capacity bytes that a packet rarely exceeds
   */
  public EventWriter(String keyspace, String shard, int capacity) {
    this.keyspace = keyspace.getBytes(StandardCharsets.UTF_8);
    this.shard = shard.getBytes(StandardCharsets.UTF_8);
    this.capacity = capacity;
    this.packet = new WireBuffer(SMALL);
  }

  /** Events that are in the packet. */
  public int events() {
    return events;
  }

  /** How many bytes it holds memory for. */
  int capacity() {
    return packet.array().length + event.array().length + changes.array().length;
  }

  /** Adds an event as it is. */
  public void add(VEvent whole) {
    byte[] bytes = whole.toByteArray();
    packet.field(EventWire.EVENT, bytes, 0, bytes.length);
    events++;
  }

  /**
   * Adds an event that has no more than a type.
   *
   * @param timestamp seconds
   * @param currentTime nanoseconds
   */
  public void add(VEventType type, long timestamp, long currentTime) {
    add(type, timestamp, NONE, currentTime);
  }

  /** Adds a position. */
  public void gtid(String gtid, long timestamp, long currentTime) {
    add(VEventType.GTID, timestamp, gtid.getBytes(StandardCharsets.UTF_8), currentTime);
  }

  private void add(VEventType type, long timestamp, byte[] gtid, long currentTime) {
    begin(type, timestamp, gtid);
    end(currentTime);
  }

  private void begin(VEventType type, long timestamp, byte[] gtid) {
    event.clear();
    event.number(EventWire.TYPE, type.getNumber());
    event.number(EventWire.TIMESTAMP, timestamp);
    event.text(EventWire.GTID, gtid);
  }

  private void end(long currentTime) {
    event.number(EventWire.CURRENT_TIME, currentTime);
    event.text(EventWire.KEYSPACE, keyspace);
    event.text(EventWire.SHARD, shard);
    packet.field(EventWire.EVENT, event.array(), 0, event.size());
    event.clear();
    events++;
  }

  /**
   * Adds a change to the event with rows that comes next.
   *
   * @param columns which of the cells to send, in which order
   * @param before null for a row that was not there
   * @param after null for a row that is gone
   * @param marks data_columns and json_partial_values, nothing else; null for a change that tells
   *     of all columns
   */
  public void change(
      int[] columns,
      byte @Nullable [] @Nullable [] before,
      byte @Nullable [] @Nullable [] after,
      @Nullable RowChange marks) {
    byte[] end = marks == null ? NONE : marks.toByteArray();
    int beforeBytes = before == null ? 0 : rowBytes(columns, before);
    int afterBytes = after == null ? 0 : rowBytes(columns, after);
    int size =
        (before == null ? 0 : WireBuffer.fieldSize(EventWire.BEFORE, beforeBytes))
            + (after == null ? 0 : WireBuffer.fieldSize(EventWire.AFTER, afterBytes))
            + end.length;
    changes.head(EventWire.CHANGE, size);
    if (before != null) {
      changes.head(EventWire.BEFORE, beforeBytes);
      row(columns, before);
    }
    if (after != null) {
      changes.head(EventWire.AFTER, afterBytes);
      row(columns, after);
    }
    changes.append(end, 0, end.length);
  }

  private static int lengthBytes(int[] columns, byte[] @Nullable [] cells) {
    int bytes = 0;
    for (int column : columns) {
      bytes += WireBuffer.varintSize(zigzag(cells[column]));
    }
    return bytes;
  }

  private static int valueBytes(int[] columns, byte[] @Nullable [] cells) {
    int bytes = 0;
    for (int column : columns) {
      byte[] cell = cells[column];
      bytes += cell == null ? 0 : cell.length;
    }
    return bytes;
  }

  private static int rowBytes(int[] columns, byte[] @Nullable [] cells) {
    int values = valueBytes(columns, cells);
    return (columns.length == 0
            ? 0
            : WireBuffer.fieldSize(EventWire.LENGTHS, lengthBytes(columns, cells)))
        + (values == 0 ? 0 : WireBuffer.fieldSize(EventWire.VALUES, values));
  }

  private void row(int[] columns, byte[] @Nullable [] cells) {
    if (columns.length > 0) {
      changes.head(EventWire.LENGTHS, lengthBytes(columns, cells));
    }
    for (int column : columns) {
      changes.varint(zigzag(cells[column]));
    }
    int values = valueBytes(columns, cells);
    if (values > 0) {
      changes.head(EventWire.VALUES, values);
    }
    for (int column : columns) {
      byte[] cell = cells[column];
      if (cell != null) {
        changes.append(cell, 0, cell.length);
      }
    }
  }

  private static int zigzag(byte @Nullable [] cell) {
    return cell == null ? 1 : cell.length << 1;
  }

  /** Bytes of the changes for the event with rows that comes next. */
  public int changeBytes() {
    return changes.size();
  }

  /** Adds the event whose rows were written, if there are any. */
  public void rows(byte[] table, long flags, long timestamp, long currentTime) {
    if (changes.size() == 0) {
      return;
    }
    int size =
        (table.length == 0 ? 0 : WireBuffer.fieldSize(EventWire.TABLE, table.length))
            + changes.size()
            + (keyspace.length == 0
                ? 0
                : WireBuffer.fieldSize(EventWire.ROW_KEYSPACE, keyspace.length))
            + (shard.length == 0 ? 0 : WireBuffer.fieldSize(EventWire.ROW_SHARD, shard.length))
            + (flags == 0
                ? 0
                : WireBuffer.varintSize(EventWire.FLAGS) + WireBuffer.varintSize(flags));
    begin(VEventType.ROW, timestamp, NONE);
    event.head(EventWire.ROW_EVENT, size);
    event.text(EventWire.TABLE, table);
    event.append(changes.array(), 0, changes.size());
    event.text(EventWire.ROW_KEYSPACE, keyspace);
    event.text(EventWire.ROW_SHARD, shard);
    event.number(EventWire.FLAGS, flags);
    end(currentTime);
    changes.clear();
  }

  /** Takes the packet and begins a new one. */
  public EventPacket packet() {
    EventPacket taken = new EventPacket(packet.array(), packet.size(), events);
    packet = new WireBuffer(Math.clamp(2L * taken.size(), SMALL, capacity));
    events = 0;
    return taken;
  }
}

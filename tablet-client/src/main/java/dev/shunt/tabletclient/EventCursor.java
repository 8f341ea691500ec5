package dev.shunt.tabletclient;

import binlogdata.Binlogdata.RowChange;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the events of an {@link EventPacket}, and through the changes of those that have
 * rows. All methods throw IllegalStateException when the packet is not well formed.
 *
 * <pre>
 *   while (next())            type(), timestamp(), gtid(), event()
 *     of type ROW:            table(), flags()
 *       while (nextChange())  before(), after(), isPartial(), change()
 * </pre>
 */
public final class EventCursor {
  private static final VEventType[] TYPES = types();

  private final byte[] bytes;
  private final WireReader packet;
  private final WireReader changes;
  private final WireReader inner;
  private int eventFrom;
  private int eventLength;
  private int type;
  private long timestamp;
  private Slice gtid = Slice.NONE;
  private Slice table = Slice.NONE;
  private long flags;
  private Slice change = Slice.NONE;
  private Slice before = Slice.NONE;
  private Slice after = Slice.NONE;
  private boolean partial;

  /** A piece of the packet; no piece when its length is negative. */
  private record Slice(int from, int length) {
    static final Slice NONE = new Slice(0, -1);

    boolean isPresent() {
      return length >= 0;
    }
  }

  EventCursor(byte[] bytes, int size) {
    this.bytes = bytes;
    this.packet = new WireReader(bytes, 0, size);
    this.changes = new WireReader(bytes, 0, 0);
    this.inner = new WireReader(bytes, 0, 0);
  }

  private static VEventType[] types() {
    int most = Arrays.stream(VEventType.values()).mapToInt(VEventType::ordinal).max().orElse(0);
    VEventType[] types = new VEventType[most + 1];
    Arrays.setAll(types, VEventType::forNumber);
    return types;
  }

  private Slice slice(WireReader in) {
    int length = in.length();
    return new Slice(in.skip(length), length);
  }

  /** Goes to the next event; false when there is none. */
  public boolean next() {
    while (packet.hasMore()) {
      int tag = packet.tag();
      if (tag == EventWire.EVENT) {
        eventLength = packet.length();
        eventFrom = packet.skip(eventLength);
        readEvent();
        return true;
      }
      packet.skipField(tag);
    }
    return false;
  }

  private void readEvent() {
    type = 0;
    timestamp = 0;
    gtid = Slice.NONE;
    Slice rows = Slice.NONE;
    inner.set(eventFrom, eventFrom + eventLength);
    while (inner.hasMore()) {
      int tag = inner.tag();
      if (tag == EventWire.TYPE) {
        type = (int) inner.varint();
      } else if (tag == EventWire.TIMESTAMP) {
        timestamp = inner.varint();
      } else if (tag == EventWire.GTID) {
        gtid = slice(inner);
      } else if (tag == EventWire.ROW_EVENT) {
        rows = slice(inner);
      } else {
        inner.skipField(tag);
      }
    }
    readRowEvent(rows);
  }

  private void readRowEvent(Slice rows) {
    table = Slice.NONE;
    flags = 0;
    changes.set(rows.from(), rows.from() + Math.max(0, rows.length()));
    inner.set(rows.from(), rows.from() + Math.max(0, rows.length()));
    while (inner.hasMore()) {
      int tag = inner.tag();
      if (tag == EventWire.TABLE) {
        table = slice(inner);
      } else if (tag == EventWire.FLAGS) {
        flags = inner.varint();
      } else {
        inner.skipField(tag);
      }
    }
  }

  /** The event's type; UNRECOGNIZED for one of a later Vitess. */
  public VEventType type() {
    VEventType known = type >= 0 && type < TYPES.length ? TYPES[type] : null;
    return known == null ? VEventType.UNRECOGNIZED : known;
  }

  /** Seconds. */
  public long timestamp() {
    return timestamp;
  }

  /** Empty when the event has none. */
  public String gtid() {
    return text(gtid);
  }

  /** The whole event. */
  public VEvent event() {
    return EventPacket.event(bytes, eventFrom, eventLength);
  }

  /** The table of an event with rows. */
  public String table() {
    return text(table);
  }

  /** Flags of an event with rows. */
  public long flags() {
    return flags;
  }

  private String text(Slice slice) {
    return slice.isPresent()
        ? new String(bytes, slice.from(), slice.length(), StandardCharsets.UTF_8)
        : "";
  }

  /** Goes to the next change of an event with rows; false when there is none. */
  public boolean nextChange() {
    while (changes.hasMore()) {
      int tag = changes.tag();
      if (tag == EventWire.CHANGE) {
        change = slice(changes);
        readChange();
        return true;
      }
      changes.skipField(tag);
    }
    return false;
  }

  private void readChange() {
    before = Slice.NONE;
    after = Slice.NONE;
    partial = false;
    inner.set(change.from(), change.from() + change.length());
    while (inner.hasMore()) {
      int tag = inner.tag();
      if (tag == EventWire.BEFORE) {
        before = slice(inner);
      } else if (tag == EventWire.AFTER) {
        after = slice(inner);
      } else {
        partial |= tag == EventWire.DATA_COLUMNS;
        inner.skipField(tag);
      }
    }
  }

  /** The cells of the row before the change; null when it was not there. */
  public byte @Nullable [] @Nullable [] before() {
    return cells(before);
  }

  /** The cells of the row after the change; null when it is gone. */
  public byte @Nullable [] @Nullable [] after() {
    return cells(after);
  }

  /** Whether the change says which columns it has. */
  public boolean isPartial() {
    return partial;
  }

  /** The whole change. */
  public RowChange change() {
    try {
      return RowChange.parser().parseFrom(bytes, change.from(), change.length());
    } catch (InvalidProtocolBufferException e) {
      throw WireReader.broken(String.valueOf(e.getMessage()));
    }
  }

  private byte @Nullable [] @Nullable [] cells(Slice row) {
    if (!row.isPresent()) {
      return null;
    }
    Slice values = Slice.NONE;
    int count = 0;
    inner.set(row.from(), row.from() + row.length());
    while (inner.hasMore()) {
      int tag = inner.tag();
      if (tag == EventWire.LENGTHS) {
        Slice packed = slice(inner);
        for (int i = packed.from(); i < packed.from() + packed.length(); i++) {
          count += bytes[i] >= 0 ? 1 : 0; // the last byte of a number
        }
      } else if (tag == EventWire.ONE_LENGTH) {
        inner.skipField(tag);
        count++;
      } else if (tag == EventWire.VALUES) {
        values = slice(inner);
      } else {
        inner.skipField(tag);
      }
    }
    return cut(row, values, new byte[count] @Nullable []);
  }

  private byte[] @Nullable [] cut(Slice row, Slice values, byte[] @Nullable [] cells) {
    int count = 0;
    int from = values.from();
    int end = values.from() + Math.max(0, values.length());
    inner.set(row.from(), row.from() + row.length());
    while (inner.hasMore()) {
      int tag = inner.tag();
      int more = 0;
      if (tag == EventWire.LENGTHS) {
        int length = inner.length();
        more = inner.at() + length;
      } else if (tag == EventWire.ONE_LENGTH) {
        more = inner.at() + 1;
      } else {
        inner.skipField(tag);
      }
      while (inner.at() < more) {
        long zigzag = inner.varint();
        if (tag == EventWire.LENGTHS && inner.at() > more) {
          throw WireReader.broken("a list ends within a number");
        }
        long length = (zigzag >>> 1) ^ -(zigzag & 1);
        if (length >= 0) {
          if (length > end - from) {
            throw WireReader.broken("cells are longer than their row");
          }
          cells[count] = Arrays.copyOfRange(bytes, from, from + (int) length);
          from += (int) length;
        }
        count++;
      }
    }
    return cells;
  }
}

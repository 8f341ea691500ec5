package dev.shunt.tabletclient;

import binlogdata.Binlogdata.VStreamRowsResponse;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.vitess.proto.Query;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * A {@code VStreamRowsResponse} as it travels. A table has millions of rows: they are written to
 * and read from the bytes of the message in place, without an object for each.
 */
public final class RowPacket {
  private final byte[] bytes;
  private final int size;
  private final int rows;
  private final VStreamRowsResponse head;

  private RowPacket(byte[] bytes, int size, int rows, VStreamRowsResponse head) {
    this.bytes = bytes;
    this.size = size;
    this.rows = rows;
    this.head = head;
  }

  /** The packet of a message. */
  public static RowPacket of(VStreamRowsResponse message) {
    byte[] bytes = message.toByteArray();
    return new RowPacket(
        bytes, bytes.length, message.getRowsCount(), message.toBuilder().clearRows().build());
  }

  /** Takes the bytes of a message, which must not change from then on. */
  static RowPacket parse(byte[] bytes) throws InvalidProtocolBufferException {
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      VStreamRowsResponse.Builder head = VStreamRowsResponse.newBuilder();
      int rows = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == Wire.ROW) {
          in.skipRawBytes(in.readRawVarint32());
          rows++;
        } else {
          int from = in.getTotalBytesRead() - CodedOutputStream.computeUInt32SizeNoTag(tag);
          in.skipField(tag);
          head.mergeFrom(bytes, from, in.getTotalBytesRead() - from);
        }
      }
      return new RowPacket(bytes, bytes.length, rows, head.build());
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The whole message. */
  public VStreamRowsResponse toMessage() {
    try {
      return VStreamRowsResponse.parser().parseFrom(bytes, 0, size);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a packet of rows is broken: " + e.getMessage(), e);
    }
  }

  /** All of the message but its rows. */
  public VStreamRowsResponse head() {
    return head;
  }

  /** How many rows there are. */
  public int rows() {
    return rows;
  }

  /** Takes the rows of a packet. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Takes a row; the arrays hold only until it returns.
     *
     * @param buffer holds the cells
     * @param offsets where each cell begins in it
     * @param lengths bytes of each cell; negative for NULL
     * @param cells how many cells the row has
     */
    void row(byte[] buffer, int[] offsets, int[] lengths, int cells);
  }

  /**
   * Reads all rows in order.
   *
   * @throws IllegalStateException when a row is not well formed
   */
  public void read(Reader reader) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes, 0, size);
      Cells cells = new Cells();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == Wire.ROW) {
          int limit = in.pushLimit(in.readRawVarint32());
          cells.read(in);
          in.popLimit(limit);
          reader.row(bytes, cells.offsets, cells.lengths, cells.count);
        } else {
          in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("a packet of rows is broken: " + e.getMessage(), e);
    }
  }

  int size() {
    return size;
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, size);
  }

  byte[] array() {
    return bytes;
  }

  /** The tags of the two messages; see query.proto and binlogdata.proto of Vitess. */
  private static final class Wire {
    static final int ROW =
        VStreamRowsResponse.ROWS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    static final int LAST_KEY =
        VStreamRowsResponse.LASTPK_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    static final int LENGTHS =
        Query.Row.LENGTHS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    static final int ONE_LENGTH = Query.Row.LENGTHS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
    static final int VALUES =
        Query.Row.VALUES_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private Wire() {}
  }

  /** Where the cells of a row are. */
  private static final class Cells {
    int[] offsets = new int[16];
    int[] lengths = new int[16];
    int count;

    void read(CodedInputStream in) throws IOException {
      count = 0;
      int start = 0;
      int size = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case Wire.LENGTHS -> {
            int limit = in.pushLimit(in.readRawVarint32());
            while (in.getBytesUntilLimit() > 0) {
              add(in.readSInt64());
            }
            in.popLimit(limit);
          }
          case Wire.ONE_LENGTH -> add(in.readSInt64());
          case Wire.VALUES -> {
            size = in.readRawVarint32();
            start = in.getTotalBytesRead();
            in.skipRawBytes(size);
          }
          default -> in.skipField(tag);
        }
      }
      place(start, size);
    }

    private void add(long length) {
      if (count == lengths.length) {
        lengths = Arrays.copyOf(lengths, 2 * count);
        offsets = new int[2 * count];
      }
      lengths[count++] = Math.clamp(length, -1, Integer.MAX_VALUE);
    }

    private void place(int start, int size) throws InvalidProtocolBufferException {
      long at = start;
      for (int i = 0; i < count; i++) {
        offsets[i] = (int) at;
        at += Math.max(lengths[i], 0);
        if (at > start + (long) size) {
          throw new InvalidProtocolBufferException("the cells of a row are longer than the row");
        }
      }
    }
  }

  /** Puts rows together to packets. */
  public static final class Writer {
    private final int packetBytes;
    private byte[] bytes;
    private int size;
    private int rows;

    /**
     * @param packetBytes bytes of rows with which a packet is full
     */
    public Writer(int packetBytes) {
      this.packetBytes = packetBytes;
      this.bytes = new byte[packetBytes + packetBytes / 8];
    }

    /** Whether there are as many bytes of rows as a packet should have. */
    public boolean isFull() {
      return size >= packetBytes;
    }

    /** How many rows there are since the last packet. */
    public int rows() {
      return rows;
    }

    /**
     * Appends a row.
     *
     * @param buffer holds the cells
     * @param columns which of the cells to send, in which order
     * @param offsets where each cell begins in it
     * @param lengths bytes of each cell; negative for NULL
     */
    public void row(byte[] buffer, int[] columns, int[] offsets, int[] lengths) {
      int lengthBytes = 0;
      int valueBytes = 0;
      for (int column : columns) {
        int length = lengths[column];
        lengthBytes += varintSize(zigzag(length));
        valueBytes += Math.max(length, 0);
      }
      int rowBytes =
          1 + varintSize(lengthBytes) + lengthBytes + 1 + varintSize(valueBytes) + valueBytes;
      room(1 + varintSize(rowBytes) + rowBytes);
      byte[] to = bytes;
      to[size++] = (byte) Wire.ROW;
      varint(rowBytes);
      to[size++] = (byte) Wire.LENGTHS;
      varint(lengthBytes);
      for (int column : columns) {
        varint(zigzag(lengths[column]));
      }
      to[size++] = (byte) Wire.VALUES;
      varint(valueBytes);
      for (int column : columns) {
        int length = lengths[column];
        if (length > 0) {
          System.arraycopy(buffer, offsets[column], to, size, length);
          size += length;
        }
      }
      rows++;
    }

    /** Takes the packet and begins a new one; its last row has the given key. */
    public RowPacket packet(Query.Row lastKey) {
      byte[] key = lastKey.toByteArray();
      room(1 + varintSize(key.length) + key.length);
      bytes[size++] = (byte) Wire.LAST_KEY;
      varint(key.length);
      System.arraycopy(key, 0, bytes, size, key.length);
      size += key.length;
      RowPacket packet =
          new RowPacket(
              bytes, size, rows, VStreamRowsResponse.newBuilder().setLastpk(lastKey).build());
      bytes = new byte[packetBytes + packetBytes / 8];
      size = 0;
      rows = 0;
      return packet;
    }

    private static int zigzag(int value) {
      return (value << 1) ^ (value >> 31);
    }

    private static int varintSize(int value) {
      return CodedOutputStream.computeUInt32SizeNoTag(value);
    }

    private void varint(int value) {
      int left = value;
      while ((left & ~0x7f) != 0) {
        bytes[size++] = (byte) ((left & 0x7f) | 0x80);
        left >>>= 7;
      }
      bytes[size++] = (byte) left;
    }

    private void room(int more) {
      if (bytes.length - size < more) {
        bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), 2 * bytes.length));
      }
    }
  }
}

package dev.shunt.tabletclient;

import com.google.protobuf.CodedOutputStream;
import java.util.Arrays;

/**
 * Bytes of a protobuf message that grow. Fields with their defaults are left out, as protobuf does.
 */
final class WireBuffer {
  /** A larger array than this is not kept for what comes next. */
  private static final int KEPT = 4 * 1024 * 1024;

  private final int capacity;
  private byte[] bytes;
  private int size;

  WireBuffer(int capacity) {
    this.capacity = capacity;
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  void clear() {
    if (bytes.length > Math.max(KEPT, capacity)) {
      bytes = new byte[capacity];
    }
    size = 0;
  }

  /** The array in which the bytes are. */
  byte[] array() {
    return bytes;
  }

  static int varintSize(long value) {
    return CodedOutputStream.computeUInt64SizeNoTag(value);
  }

  /** Bytes of a field with so many bytes in it; its tag has one byte or two. */
  static int fieldSize(int tag, int length) {
    return varintSize(tag) + varintSize(length) + length;
  }

  void varint(long value) {
    room(10);
    long left = value;
    while ((left & ~0x7fL) != 0) {
      bytes[size++] = (byte) ((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    bytes[size++] = (byte) left;
  }

  void number(int tag, long value) {
    if (value != 0) {
      varint(tag);
      varint(value);
    }
  }

  void text(int tag, byte[] value) {
    if (value.length > 0) {
      field(tag, value, 0, value.length);
    }
  }

  /** A message or text, also when it is empty. */
  void field(int tag, byte[] from, int offset, int length) {
    head(tag, length);
    append(from, offset, length);
  }

  /** Tag and length of a field whose bytes follow. */
  void head(int tag, int length) {
    varint(tag);
    varint(length);
  }

  void append(byte[] from, int offset, int length) {
    room(length);
    System.arraycopy(from, offset, bytes, size, length);
    size += length;
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), 2 * bytes.length));
    }
  }
}

package dev.shunt.tabletclient;

import com.google.protobuf.WireFormat;

/** Reads the fields of a protobuf message out of bytes, in place. */
final class WireReader {
  private final byte[] bytes;
  private int at;
  private int end;

  WireReader(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    set(from, to);
  }

  /** Goes to another message of the same bytes. */
  void set(int from, int to) {
    at = from;
    end = to;
  }

  boolean hasMore() {
    return at < end;
  }

  /** Where it is. */
  int at() {
    return at;
  }

  int tag() {
    return (int) varint();
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at >= end) {
        throw broken("it ends within a number");
      }
      byte next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw broken("a number has too many bytes");
  }

  /** A length, of what follows. */
  int length() {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw broken("something of %d bytes where %d are left".formatted(length, end - at));
    }
    return (int) length;
  }

  /** Goes over so many bytes; returns where they begin. */
  int skip(int count) {
    int from = at;
    at += count;
    return from;
  }

  /** Goes over a field whose tag was read. */
  void skipField(int tag) {
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> varint();
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> skip(length());
      case WireFormat.WIRETYPE_FIXED64 -> skip(need(Long.BYTES));
      case WireFormat.WIRETYPE_FIXED32 -> skip(need(Integer.BYTES));
      default -> throw broken("field " + WireFormat.getTagFieldNumber(tag) + " has no known form");
    }
  }

  private int need(int count) {
    if (end - at < count) {
      throw broken("it ends within a field");
    }
    return count;
  }

  static IllegalStateException broken(String why) {
    return new IllegalStateException("a message is broken: " + why);
  }
}

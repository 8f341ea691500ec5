package dev.shunt.workflow.sharding;

import java.util.Arrays;

/** Bytes that are put one behind the other. */
final class Bytes {
  private byte[] bytes = new byte[32];
  private int size;

  int size() {
    return size;
  }

  void write(int b) {
    room(1);
    bytes[size++] = (byte) b;
  }

  /** The first bytes of an array. */
  void write(byte[] from, int length) {
    room(length);
    System.arraycopy(from, 0, bytes, size, length);
    size += length;
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
    }
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }
}

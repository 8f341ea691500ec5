package dev.shunt.mysql;

import java.io.IOException;
import java.io.OutputStream;

/** Sends what is written to it as packets of LOAD DATA LOCAL. */
final class LocalDataStream extends OutputStream {
  private static final int PACKET = 256 * 1024;

  private final PacketWriter out;
  private final byte[] buffer = new byte[PACKET];
  private int size;

  LocalDataStream(PacketWriter out) {
    this.out = out;
  }

  @Override
  public void write(int value) throws IOException {
    if (size == PACKET) {
      sendBuffer();
    }
    buffer[size++] = (byte) value;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      if (size == PACKET) {
        sendBuffer();
      }
      int part = Math.min(left, PACKET - size);
      System.arraycopy(bytes, from, buffer, size, part);
      size += part;
      from += part;
      left -= part;
    }
  }

  /** Sends what is left, and the empty packet that ends the data. */
  void finish() throws IOException {
    if (size > 0) {
      sendBuffer();
    }
    out.send();
  }

  private void sendBuffer() throws IOException {
    out.bytes(buffer, 0, size);
    size = 0;
    out.send();
  }
}

package dev.shunt.mysql;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds the payload of one packet and sends it, split at 16 MB. */
final class PacketWriter {
  private static final int KEPT_BUFFER = 1024 * 1024;

  private OutputStream out;
  private byte[] payload = new byte[16 * 1024];
  private int size;
  private int sequence;

  PacketWriter(OutputStream out) {
    this.out = out;
  }

  /** Goes on writing to another stream. */
  void switchTo(OutputStream other) {
    out = other;
  }

  int sequence() {
    return sequence;
  }

  void startAt(int next) {
    sequence = next & 0xff;
  }

  PacketWriter int1(int value) {
    room(1);
    payload[size++] = (byte) value;
    return this;
  }

  PacketWriter int2(int value) {
    return int1(value).int1(value >>> 8);
  }

  PacketWriter int4(long value) {
    return int2((int) value).int2((int) (value >>> 16));
  }

  PacketWriter zeros(int count) {
    room(count);
    Arrays.fill(payload, size, size + count, (byte) 0);
    size += count;
    return this;
  }

  PacketWriter bytes(byte[] value) {
    return bytes(value, 0, value.length);
  }

  PacketWriter bytes(byte[] value, int offset, int length) {
    room(length);
    System.arraycopy(value, offset, payload, size, length);
    size += length;
    return this;
  }

  PacketWriter nulTerminated(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8)).int1(0);
  }

  PacketWriter lengthEncoded(byte[] value) {
    return lengthEncodedInteger(value.length).bytes(value);
  }

  PacketWriter lengthEncodedInteger(int value) {
    if (value < 0xfb) {
      return int1(value);
    }
    if (value <= 0xffff) {
      return int1(0xfc).int2(value);
    }
    if (value <= 0xffffff) {
      return int1(0xfd).int2(value).int1(value >>> 16);
    }
    return int1(0xfe).int4(value).int4(0);
  }

  /** Sends what was built as one packet and starts over. */
  void send() throws IOException {
    byte[] header = new byte[4];
    int offset = 0;
    int length;
    do {
      length = Math.min(PacketReader.MAX_FRAME, size - offset);
      header[0] = (byte) length;
      header[1] = (byte) (length >>> 8);
      header[2] = (byte) (length >>> 16);
      header[3] = (byte) sequence;
      sequence = (sequence + 1) & 0xff;
      out.write(header);
      out.write(payload, offset, length);
      offset += length;
    } while (length == PacketReader.MAX_FRAME);
    out.flush();
    size = 0;
    if (payload.length > KEPT_BUFFER) {
      payload = new byte[16 * 1024];
    }
  }

  private void room(int count) {
    if (payload.length - size < count) {
      payload = Arrays.copyOf(payload, Math.max(size + count, payload.length * 2));
    }
  }
}

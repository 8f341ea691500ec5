package dev.shunt.mysql;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Cuts a stream of bytes into packets; joins those that were split at 16 MB. */
final class PacketReader {
  static final int MAX_FRAME = 0xffffff;
  private static final int BUFFER = 128 * 1024;
  private static final int KEPT_BUFFER = 4 * 1024 * 1024;
  private static final int HEADER = 4;

  private InputStream in;
  private final Packet packet = new Packet();
  private byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;
  private int sequence;

  PacketReader(InputStream in) {
    this.in = in;
  }

  /**
   * Goes on reading from another stream.
   *
   * @throws MysqlException when bytes of the first one are here that nobody has read
   */
  void switchTo(InputStream other) {
    if (hasBuffered()) {
      throw Packet.malformed("data before the line was encrypted"); // it might be anybody's
    }
    in = other;
  }

  /** How many bytes it holds memory for, the packet that was read last left aside. */
  int capacity() {
    return buffer.length;
  }

  /** The sequence number that the next packet of this exchange must have. */
  int sequence() {
    return sequence;
  }

  void expectSequence(int next) {
    sequence = next & 0xff;
  }

  /** Whether bytes that nobody has asked for are here already. */
  boolean hasBuffered() {
    return end > start;
  }

  /** The next packet, valid until the next call. */
  Packet read() throws IOException {
    int length = header();
    if (length < MAX_FRAME) {
      fill(length);
      packet.set(buffer, start, length);
      start += length;
      return packet;
    }
    return joined(length);
  }

  private Packet joined(int firstLength) throws IOException {
    byte[] whole = new byte[2 * MAX_FRAME];
    int size = 0;
    int length = firstLength;
    while (true) {
      if (size + length > whole.length) {
        whole = Arrays.copyOf(whole, Math.max(size + length, whole.length * 2));
      }
      copy(whole, size, length);
      size += length;
      if (length < MAX_FRAME) {
        packet.set(whole, 0, size);
        return packet;
      }
      length = header();
    }
  }

  private void copy(byte[] target, int offset, int length) throws IOException {
    int buffered = Math.min(length, end - start);
    System.arraycopy(buffer, start, target, offset, buffered);
    start += buffered;
    int missing = length - buffered;
    if (in.readNBytes(target, offset + buffered, missing) < missing) {
      throw new EOFException("the server closed the connection inside a packet");
    }
  }

  private int header() throws IOException {
    fill(HEADER);
    int length =
        (buffer[start] & 0xff) | (buffer[start + 1] & 0xff) << 8 | (buffer[start + 2] & 0xff) << 16;
    int number = buffer[start + 3] & 0xff;
    start += HEADER;
    if (number != sequence) {
      throw Packet.malformed("packet number " + number + " instead of " + sequence);
    }
    sequence = (sequence + 1) & 0xff;
    return length;
  }

  /** Makes {@code count} bytes available from {@code start} on. */
  private void fill(int count) throws IOException {
    if (end - start >= count) {
      return;
    }
    if (start == end) {
      start = 0;
      end = 0;
      if (buffer.length > KEPT_BUFFER && count <= KEPT_BUFFER) {
        buffer = new byte[Math.max(count, BUFFER)];
      }
    }
    if (buffer.length - start < count) {
      byte[] target = buffer.length < count ? new byte[Math.max(count, BUFFER)] : buffer;
      System.arraycopy(buffer, start, target, 0, end - start);
      end -= start;
      start = 0;
      buffer = target;
    }
    while (end - start < count) {
      int read = in.read(buffer, end, buffer.length - end);
      if (read < 0) {
        throw new EOFException("the server closed the connection");
      }
      end += read;
    }
  }
}

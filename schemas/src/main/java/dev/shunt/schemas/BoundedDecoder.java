package dev.shunt.schemas;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.avro.AvroTypeException;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro binary from an array and believes no length that the array can't hold: Avro's own
 * decoder allocates what a damaged length says before it looks whether so many bytes follow.
 */
final class BoundedDecoder extends Decoder {
  private final byte[] bytes;
  private int position;

  BoundedDecoder(byte[] bytes, int offset) {
    this.bytes = bytes;
    this.position = offset;
  }

  /** Bytes not read yet. */
  int remaining() {
    return bytes.length - position;
  }

  @Override
  public void readNull() {}

  @Override
  public boolean readBoolean() throws IOException {
    byte value = bytes[take(1)];
    if (value != 0 && value != 1) {
      throw new AvroTypeException("not a boolean: " + value);
    }
    return value == 1;
  }

  @Override
  public int readInt() throws IOException {
    long value = readLong();
    if (value != (int) value) {
      throw new AvroTypeException("not an int: " + value);
    }
    return (int) value;
  }

  @Override
  public long readLong() throws IOException {
    long zigzag = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = bytes[take(1)];
      zigzag |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    throw new AvroTypeException("a number of more than ten bytes");
  }

  @Override
  public float readFloat() throws IOException {
    return Float.intBitsToFloat(Integer.reverseBytes(ByteBuffer.wrap(bytes).getInt(take(4))));
  }

  @Override
  public double readDouble() throws IOException {
    return Double.longBitsToDouble(Long.reverseBytes(ByteBuffer.wrap(bytes).getLong(take(8))));
  }

  @Override
  public Utf8 readString(@Nullable Utf8 old) throws IOException {
    return new Utf8(readByteArray());
  }

  @Override
  public String readString() throws IOException {
    int length = length();
    return new String(bytes, take(length), length, StandardCharsets.UTF_8);
  }

  @Override
  public void skipString() throws IOException {
    skipBytes();
  }

  @Override
  public ByteBuffer readBytes(@Nullable ByteBuffer old) throws IOException {
    return ByteBuffer.wrap(readByteArray());
  }

  @Override
  public void skipBytes() throws IOException {
    take(length());
  }

  @Override
  public void readFixed(byte[] target, int start, int length) throws IOException {
    System.arraycopy(bytes, take(length), target, start, length);
  }

  @Override
  public void skipFixed(int length) throws IOException {
    take(length);
  }

  @Override
  public int readEnum() throws IOException {
    return readInt();
  }

  @Override
  public long readArrayStart() throws IOException {
    return blockCount();
  }

  @Override
  public long arrayNext() throws IOException {
    return blockCount();
  }

  @Override
  public long skipArray() throws IOException {
    return blockCount();
  }

  @Override
  public long readMapStart() throws IOException {
    return blockCount();
  }

  @Override
  public long mapNext() throws IOException {
    return blockCount();
  }

  @Override
  public long skipMap() throws IOException {
    return blockCount();
  }

  @Override
  public int readIndex() throws IOException {
    return readInt();
  }

  /**
   * Every element of ours takes at least a byte, so a block can't have more than are left. A length
   * that a block says is not taken at its word, also where the block is skipped: what is skipped is
   * to be what would be read.
   */
  private long blockCount() throws IOException {
    long count = readLong();
    if (count < 0) {
      length();
      count = -count;
    }
    return atMostRemaining(count);
  }

  private byte[] readByteArray() throws IOException {
    int length = length();
    int start = take(length);
    return Arrays.copyOfRange(bytes, start, start + length);
  }

  private int length() throws IOException {
    return (int) atMostRemaining(readLong());
  }

  private long atMostRemaining(long count) throws IOException {
    if (count < 0 || count > remaining()) {
      throw new EOFException("a length of " + count + " where " + remaining() + " bytes are left");
    }
    return count;
  }

  /** Position of the next {@code count} bytes, which are consumed. */
  private int take(int count) throws IOException {
    if (count > remaining()) {
      throw new EOFException("ends " + (count - remaining()) + " bytes early");
    }
    int start = position;
    position += count;
    return start;
  }
}

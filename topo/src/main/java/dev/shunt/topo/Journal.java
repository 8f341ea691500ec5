package dev.shunt.topo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of frames to which whole frames are appended durably. A frame is its length, the length's
 * complement, the CRC-32C of the payload and the payload. A frame that was cut off by a crash can
 * only be the last; it is dropped on open. Damage anywhere else is an error.
 *
 * <p>It is written through {@link RandomAccessFile}, which unlike a channel is not closed when a
 * writer's thread is interrupted.
 */
final class Journal implements AutoCloseable {
  private static final int HEADER = 12;

  private final Path file;
  private RandomAccessFile out;
  private long size;
  private boolean failed;

  private Journal(Path file, RandomAccessFile out, long size) {
    this.file = file;
    this.out = out;
    this.size = size;
  }

  /** Opens or makes the file and hands each frame's payload to the reader. */
  static Journal open(Path file, Consumer<DataInputStream> reader) throws IOException {
    byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    int end = 0;
    byte[] payload;
    while ((payload = payloadAt(file, bytes, end)) != null) {
      reader.accept(new DataInputStream(new ByteArrayInputStream(payload)));
      end += HEADER + payload.length;
    }
    RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw");
    out.setLength(end);
    out.seek(end);
    out.getFD().sync();
    syncDirectory(file);
    return new Journal(file, out, end);
  }

  private static byte @Nullable [] payloadAt(Path file, byte[] bytes, int start)
      throws IOException {
    int left = bytes.length - start;
    if (left < HEADER) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, start, left);
    int length = buffer.getInt();
    boolean headerWhole = length == ~buffer.getInt() && length > 0;
    int crc = buffer.getInt();
    if (headerWhole && length > left - HEADER) {
      return null;
    }
    if (headerWhole) {
      byte[] payload = new byte[length];
      buffer.get(payload);
      if (crc(payload) == crc) {
        return payload;
      }
    }
    boolean last = headerWhole && length == left - HEADER;
    if (last || onlyZeros(bytes, headerWhole ? start + HEADER : start)) {
      return null;
    }
    throw new IOException("journal " + file + " is damaged at byte " + start);
  }

  private static boolean onlyZeros(byte[] bytes, int start) {
    for (int i = start; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static int crc(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload);
    return (int) crc.getValue();
  }

  /** Bytes in the file. */
  long size() {
    return size;
  }

  /** Writes what a frame holds. */
  interface FrameWriter {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] frame(FrameWriter writer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(bytes);
    writer.write(data);
    byte[] payload = bytes.toByteArray();
    return ByteBuffer.allocate(HEADER + payload.length)
        .putInt(payload.length)
        .putInt(~payload.length)
        .putInt(crc(payload))
        .put(payload)
        .array();
  }

  /** Appends a frame; it is on disk when this returns. After a failure nothing of it is left. */
  void append(FrameWriter writer) throws IOException {
    if (failed) {
      throw new IOException("journal " + file + " could not be repaired after a failed write");
    }
    byte[] frame = frame(writer);
    try {
      out.write(frame);
      out.getFD().sync();
      size += frame.length;
    } catch (IOException e) {
      failed = true;
      out.setLength(size);
      out.seek(size);
      out.getFD().sync();
      failed = false;
      throw e;
    }
  }

  /** Replaces the whole file by one frame; a crash leaves the old or the new file. */
  void replace(FrameWriter writer) throws IOException {
    byte[] frame = frame(writer);
    Path next = file.resolveSibling(file.getFileName() + ".new");
    RandomAccessFile written = new RandomAccessFile(next.toFile(), "rw");
    try {
      written.setLength(0);
      written.write(frame);
      written.getFD().sync();
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      written.close();
      throw e;
    }
    // From here on the new file is the journal, whatever else fails.
    RandomAccessFile old = out;
    out = written;
    size = frame.length;
    old.close();
    syncDirectory(file);
  }

  private static void syncDirectory(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new EOFException("no directory of " + file);
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}

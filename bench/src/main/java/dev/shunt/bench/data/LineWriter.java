package dev.shunt.bench.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes rows in the form that LOAD DATA reads by default: a tab between columns, a line feed after
 * a row, backslashes before bytes that mean something, {@code \N} for NULL.
 */
final class LineWriter implements AutoCloseable {
  private static final byte[] NULL = {'\\', 'N'};

  private final OutputStream out;
  private boolean first = true;
  private long bytes;

  /** Writes to a stream that is buffered. */
  LineWriter(OutputStream out) {
    this.out = out;
  }

  LineWriter number(long value) throws IOException {
    return plain(Long.toString(value));
  }

  /** Text in which nothing needs a backslash. */
  LineWriter plain(String text) throws IOException {
    return raw(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Any text. */
  LineWriter text(String text) throws IOException {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Any bytes. */
  LineWriter bytes(byte[] value) throws IOException {
    separate();
    for (byte each : value) {
      switch (each) {
        case 0 -> escaped('0');
        case '\t' -> escaped('t');
        case '\n' -> escaped('n');
        case '\\' -> escaped('\\');
        default -> {
          out.write(each);
          bytes++;
        }
      }
    }
    return this;
  }

  LineWriter nothing() throws IOException {
    return raw(NULL);
  }

  void endRow() throws IOException {
    out.write('\n');
    bytes++;
    first = true;
  }

  /** How many bytes are written. */
  long bytes() {
    return bytes;
  }

  private LineWriter raw(byte[] value) throws IOException {
    separate();
    out.write(value);
    bytes += value.length;
    return this;
  }

  private void escaped(int symbol) throws IOException {
    out.write('\\');
    out.write(symbol);
    bytes += 2;
  }

  private void separate() throws IOException {
    if (!first) {
      out.write('\t');
      bytes++;
    }
    first = false;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}

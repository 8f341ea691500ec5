package dev.shunt.tablet.database;

import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * A position as the columns of {@code _vt} hold it: its text, or what the server's COMPRESS made of
 * it (four bytes of length, least first, then zlib's format).
 */
public final class StoredPosition {
  private static final int COLUMN_BYTES = 10_000;
  private static final int LENGTH_BYTES = 4;

  private StoredPosition() {}

  /**
   * The literal that stores a position: its text, or compressed when the column has no room for it.
   *
   * @throws RpcException FAILED_PRECONDITION when it is too long all the same
   */
  public static String literal(String position) {
    byte[] text = position.getBytes(StandardCharsets.UTF_8);
    if (text.length <= COLUMN_BYTES) {
      return SqlText.literal(position);
    }
    byte[] compressed = compress(text);
    if (compressed.length > COLUMN_BYTES) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "the source's position has "
              + text.length
              + " bytes, compressed "
              + compressed.length
              + ", and the column has room for "
              + COLUMN_BYTES);
    }
    return "X'" + HexFormat.of().formatHex(compressed) + "'";
  }

  private static byte[] compress(byte[] text) {
    byte[] room = new byte[text.length + 64];
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
      deflater.setInput(text);
      deflater.finish();
      int size = deflater.deflate(room, LENGTH_BYTES, room.length - LENGTH_BYTES);
      for (int i = 0; i < LENGTH_BYTES; i++) {
        room[i] = (byte) (text.length >>> (8 * i));
      }
      return Arrays.copyOf(room, LENGTH_BYTES + size);
    }
  }

  /** The position's text; empty for none. */
  public static String read(byte @Nullable [] stored) {
    if (stored == null || stored.length == 0) {
      return "";
    }
    // A position starts with the name of its flavour, so with a letter and no zlib header at 4.
    boolean compressed =
        stored.length > LENGTH_BYTES + 2
            && stored[LENGTH_BYTES] == 0x78
            && ((0x7800 | (stored[LENGTH_BYTES + 1] & 0xff)) % 31) == 0;
    String text = new String(stored, StandardCharsets.UTF_8);
    if (!compressed || text.matches("[A-Za-z0-9]+/.*")) {
      return text;
    }
    int length =
        (stored[0] & 0xff)
            | (stored[1] & 0xff) << 8
            | (stored[2] & 0xff) << 16
            | (stored[3] & 0x3f) << 24;
    byte[] inflated = new byte[length];
    try (Inflater inflater = new Inflater()) {
      inflater.setInput(stored, LENGTH_BYTES, stored.length - LENGTH_BYTES);
      int size = inflater.inflate(inflated);
      return new String(inflated, 0, size, StandardCharsets.UTF_8);
    } catch (DataFormatException e) {
      throw new RpcException(Status.Code.INTERNAL, "stored position can't be read", e);
    }
  }
}

package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vitess.proto.Query;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * MariaDB's types that are text in SQL and ordered by the bytes that are kept. A UUID of versions 1
 * to 5 is kept with its parts in reverse, the last one first; so those of one host are in the order
 * of their times.
 */
public enum PackedText {
  UUID {
    @Override
    byte[] bytes(String text) {
      byte[] plain = plain(text);
      if (!isReversed(plain)) {
        return plain;
      }
      byte[] kept = new byte[plain.length];
      System.arraycopy(plain, 10, kept, 0, 6);
      System.arraycopy(plain, 8, kept, 6, 2);
      System.arraycopy(plain, 6, kept, 8, 2);
      System.arraycopy(plain, 4, kept, 10, 2);
      System.arraycopy(plain, 0, kept, 12, 4);
      return kept;
    }
  },
  INET6 {
    @Override
    byte[] bytes(String text) {
      int gap = text.indexOf("::");
      byte[] before = words(gap < 0 ? text : text.substring(0, gap));
      byte[] after = words(gap < 0 ? "" : text.substring(gap + 2));
      byte[] all = new byte[16];
      System.arraycopy(before, 0, all, 0, before.length);
      System.arraycopy(after, 0, all, all.length - after.length, after.length);
      return all;
    }
  },
  INET4 {
    @Override
    byte[] bytes(String text) {
      return dotted(text);
    }
  };

  /** The type of a field, if it is one of these. */
  public static Optional<PackedText> of(Query.Field field) {
    return switch (field.getColumnType().toLowerCase(Locale.ROOT)) {
      case "uuid" -> Optional.of(UUID);
      case "inet6" -> Optional.of(INET6);
      case "inet4" -> Optional.of(INET4);
      default -> Optional.empty();
    };
  }

  private static byte[] plain(String uuid) {
    return HexFormat.of().parseHex(uuid.replace("-", ""));
  }

  private static boolean isReversed(byte[] uuid) {
    int version = uuid[6] & 0xff;
    return version > 0 && version < 0x60 && (uuid[8] & 0x80) != 0;
  }

  /**
   * The text of a UUID that is about in the middle of two others: of the version of the first one,
   * whose last part comes first where parts are kept in reverse.
   */
  static byte[] uuidBetween(byte[] low, byte[] high) {
    byte[] from = plain(new String(low, US_ASCII));
    byte[] to = plain(new String(high, US_ASCII));
    int lead = isReversed(from) ? 10 : 0;
    byte[] middle =
        KeyMiddle.average(
            Arrays.copyOfRange(from, lead, lead + 6), Arrays.copyOfRange(to, lead, lead + 6));
    System.arraycopy(middle, 0, from, lead, middle.length);
    ByteBuffer halves = ByteBuffer.wrap(from);
    return new java.util.UUID(halves.getLong(), halves.getLong()).toString().getBytes(US_ASCII);
  }

  /** What a value is ordered by, from the text that a SELECT gives. */
  public byte[] bytes(byte[] text) {
    return bytes(new String(text, US_ASCII));
  }

  abstract byte[] bytes(String text);

  /** Words of two bytes, the last two perhaps written as an address of version 4. */
  private static byte[] words(String text) {
    if (text.isEmpty()) {
      return new byte[0];
    }
    String[] words = text.split(":", -1);
    boolean mixed = words[words.length - 1].indexOf('.') >= 0;
    byte[] bytes = new byte[2 * words.length + (mixed ? 2 : 0)];
    for (int i = 0; i < words.length - (mixed ? 1 : 0); i++) {
      int word = Integer.parseInt(words[i], 16);
      bytes[2 * i] = (byte) (word >> 8);
      bytes[2 * i + 1] = (byte) word;
    }
    if (mixed) {
      System.arraycopy(dotted(words[words.length - 1]), 0, bytes, bytes.length - 4, 4);
    }
    return bytes;
  }

  private static byte[] dotted(String text) {
    String[] parts = text.split("\\.", -1);
    byte[] bytes = new byte[parts.length];
    for (int i = 0; i < parts.length; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    return bytes;
  }
}

package dev.shunt.workflow.sharding;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads column values that vindexes take as 64-bit integers. */
final class Integers {
  private Integers() {}

  static byte[] notNull(String vindexType, byte @Nullable [] value) {
    if (value == null) {
      throw new UnmappableValueException(vindexType, "value is NULL");
    }
    return value;
  }

  /** 0 to 2^64-1, as a long of the same 64 bits. */
  static long unsigned(String vindexType, byte @Nullable [] value) {
    String text = text(vindexType, value);
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException _) {
      throw notAnInteger(vindexType, "an unsigned");
    }
  }

  /** -2^63 to 2^64-1, negative ones as two's complement. */
  static long signedOrUnsigned(String vindexType, byte @Nullable [] value) {
    String text = text(vindexType, value);
    try {
      return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException _) {
      throw notAnInteger(vindexType, "a");
    }
  }

  static byte[] bigEndian(long bits) {
    return ByteBuffer.allocate(Long.BYTES).putLong(bits).array();
  }

  private static String text(String vindexType, byte @Nullable [] value) {
    return new String(notNull(vindexType, value), StandardCharsets.US_ASCII);
  }

  // Neither value nor cause: both would carry row data into logs.
  private static UnmappableValueException notAnInteger(String vindexType, String article) {
    return new UnmappableValueException(vindexType, "value is not " + article + " 64-bit integer");
  }
}

package dev.shunt.mysql;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One row of a result: each value as the bytes of its text form, null for NULL.
 *
 * @param values one element a column; the array belongs to the row and is not copied
 */
@SuppressWarnings("ArrayRecordComponent") // rows are data in bulk and are never compared
public record Row(byte[] @Nullable [] values) {
  /** How many columns there are. */
  public int size() {
    return values.length;
  }

  public boolean isNull(int column) {
    return values[column] == null;
  }

  /** The bytes as sent, or null. */
  public byte @Nullable [] bytes(int column) {
    return values[column];
  }

  /** The value as UTF-8 text, or null. */
  public @Nullable String textOrNull(int column) {
    byte @Nullable [] value = values[column];
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  /**
   * The value as UTF-8 text.
   *
   * @throws IllegalStateException when it is NULL
   */
  public String text(int column) {
    @Nullable String value = textOrNull(column);
    if (value == null) {
      throw new IllegalStateException("column " + column + " of the row is NULL");
    }
    return value;
  }

  /**
   * The value as a signed 64-bit number.
   *
   * @throws IllegalStateException when it is NULL
   * @throws NumberFormatException when it is no such number
   */
  public long number(int column) {
    return Long.parseLong(text(column));
  }
}

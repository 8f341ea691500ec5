package dev.shunt.tablet.vstreamer.binlog;

/** Reads MySQL's binary DECIMAL: nine digits in four bytes, big-endian, sign in the first bit. */
final class DecimalText {
  private static final int[] BYTES_OF_DIGITS = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

  private DecimalText() {}

  static String read(ByteReader in, int precision, int scale) {
    int integerDigits = precision - scale;
    int length =
        integerDigits / 9 * 4
            + BYTES_OF_DIGITS[integerDigits % 9]
            + scale / 9 * 4
            + BYTES_OF_DIGITS[scale % 9];
    byte[] bytes = in.take(length);
    boolean negative = (bytes[0] & 0x80) == 0;
    bytes[0] ^= (byte) 0x80;
    if (negative) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) ~bytes[i];
      }
    }
    ByteReader digits = new ByteReader(bytes);
    StringBuilder text = new StringBuilder(precision + 3);
    group(text, digits, integerDigits % 9);
    for (int i = 0; i < integerDigits / 9; i++) {
      group(text, digits, 9);
    }
    int leadingZeros = 0;
    while (leadingZeros < text.length() - 1 && text.charAt(leadingZeros) == '0') {
      leadingZeros++;
    }
    text.delete(0, leadingZeros);
    if (text.isEmpty()) {
      text.append('0');
    }
    if (scale > 0) {
      text.append('.');
      for (int i = 0; i < scale / 9; i++) {
        group(text, digits, 9);
      }
      group(text, digits, scale % 9);
    }
    return negative ? text.insert(0, '-').toString() : text.toString();
  }

  private static void group(StringBuilder text, ByteReader in, int digits) {
    if (digits == 0) {
      return;
    }
    String number = Long.toString(in.bigEndian(BYTES_OF_DIGITS[digits]));
    text.repeat('0', Math.max(0, digits - number.length())).append(number);
  }
}

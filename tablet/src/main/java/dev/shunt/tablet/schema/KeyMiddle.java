package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Guesses a value in the middle between two of a column: a place to look for rows at. It need not
 * be right, nor a value that the column could have; a bad one makes parts uneven.
 */
public final class KeyMiddle {
  /** Character sets in which ASCII characters are their bytes. */
  private static final Set<String> PLAIN =
      Set.of("utf8mb4", "utf8mb3", "utf8", "latin1", "latin2", "ascii", "cp1251", "koi8r");

  /** What a text of an ordinary key has, in about the order of most collations. */
  private static final String SYMBOLS = "-.0123456789:@_abcdefghijklmnopqrstuvwxyz";

  /** So many symbols behind the equal beginning show where the middle is. */
  private static final int SYMBOLS_COUNTED = 6;

  private KeyMiddle() {}

  /**
   * A value above {@code low} and not above {@code high}; empty when there is none, or none that is
   * easily known.
   *
   * @param low a value as a SELECT gives it
   * @param high a greater one
   */
  public static Optional<byte[]> between(ColumnSchema column, byte[] low, byte[] high) {
    try {
      return switch (column.dataType()) {
        case "tinyint", "smallint", "mediumint", "int", "bigint" -> integer(low, high);
        case "decimal" -> decimal(low, high);
        case "binary", "varbinary" -> bytes(low, high);
        case "date" -> date(low, high);
        case "datetime", "timestamp" -> moment(low, high);
        case "uuid" -> Optional.of(PackedText.uuidBetween(low, high));
        case "char", "varchar" ->
            PLAIN.contains(column.charset()) ? text(low, high) : Optional.empty();
        default -> Optional.empty();
      };
    } catch (NumberFormatException | DateTimeException _) {
      return Optional.empty(); // such as the day 0000-00-00
    }
  }

  private static Optional<byte[]> integer(byte[] low, byte[] high) {
    BigInteger from = new BigInteger(string(low));
    BigInteger half = new BigInteger(string(high)).subtract(from).shiftRight(1);
    return half.signum() > 0 ? Optional.of(ascii(from.add(half).toString())) : Optional.empty();
  }

  private static Optional<byte[]> decimal(byte[] low, byte[] high) {
    BigDecimal sum = new BigDecimal(string(low)).add(new BigDecimal(string(high)));
    return Optional.of(ascii(sum.divide(BigDecimal.TWO).toPlainString()));
  }

  private static Optional<byte[]> bytes(byte[] low, byte[] high) {
    int length = Math.max(low.length, high.length);
    byte[] from = Arrays.copyOf(low, length);
    byte[] middle = average(from, Arrays.copyOf(high, length));
    return Arrays.equals(middle, from) ? Optional.empty() : Optional.of(middle);
  }

  /** The middle of two unsigned numbers of as many bytes, big end first. */
  static byte[] average(byte[] low, byte[] high) {
    byte[] sum = new BigInteger(1, low).add(new BigInteger(1, high)).shiftRight(1).toByteArray();
    byte[] average = new byte[low.length];
    int taken = Math.min(sum.length, average.length); // it may have a zero byte for its sign
    System.arraycopy(sum, sum.length - taken, average, average.length - taken, taken);
    return average;
  }

  private static Optional<byte[]> date(byte[] low, byte[] high) {
    LocalDate from = LocalDate.parse(string(low));
    long half = ChronoUnit.DAYS.between(from, LocalDate.parse(string(high))) / 2;
    return half > 0 ? Optional.of(ascii(from.plusDays(half).toString())) : Optional.empty();
  }

  private static Optional<byte[]> moment(byte[] low, byte[] high) {
    LocalDateTime from = LocalDateTime.parse(string(low).replace(' ', 'T'));
    LocalDateTime to = LocalDateTime.parse(string(high).replace(' ', 'T'));
    long half = ChronoUnit.SECONDS.between(from, to) / 2;
    LocalDateTime middle = from.truncatedTo(ChronoUnit.SECONDS).plusSeconds(half);
    return half > 0
        ? Optional.of(
            ascii(
                middle.toLocalDate()
                    + String.format(
                        Locale.ROOT,
                        " %02d:%02d:%02d",
                        middle.getHour(),
                        middle.getMinute(),
                        middle.getSecond())))
        : Optional.empty();
  }

  /** Behind the bytes that both begin with: as fractions whose digits are symbols. */
  private static Optional<byte[]> text(byte[] low, byte[] high) {
    int equal = 0;
    while (equal < low.length && equal < high.length && low[equal] == high[equal]) {
      equal++;
    }
    while (equal > 0 && (isInsideLetter(low, equal) || isInsideLetter(high, equal))) {
      equal--; // half a letter would be none
    }
    long from = fraction(low, equal);
    long middle = (from + fraction(high, equal)) / 2;
    if (middle <= from) {
      return Optional.empty();
    }
    boolean capital = isCapital(low) || isCapital(high);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.write(low, 0, equal);
    for (long unit = unit(); unit > 0; unit /= SYMBOLS.length()) {
      char symbol = SYMBOLS.charAt((int) (middle / unit % SYMBOLS.length()));
      text.write(capital ? Character.toUpperCase(symbol) : symbol);
    }
    return Optional.of(text.toByteArray());
  }

  /** Whether its letters are capital ones, which some collations distinguish from small ones. */
  private static boolean isCapital(byte[] text) {
    String symbols = string(text);
    return symbols.equals(symbols.toUpperCase(Locale.ROOT))
        && !symbols.equals(symbols.toLowerCase(Locale.ROOT));
  }

  /** Whether the byte at a place may be the second or a later one of a letter in UTF-8. */
  private static boolean isInsideLetter(byte[] text, int at) {
    return at < text.length && (text[at] & 0xc0) == 0x80;
  }

  private static long unit() {
    long unit = 1;
    for (int i = 1; i < SYMBOLS_COUNTED; i++) {
      unit *= SYMBOLS.length();
    }
    return unit;
  }

  private static long fraction(byte[] text, int from) {
    long fraction = 0;
    for (int i = from; i < from + SYMBOLS_COUNTED; i++) {
      fraction = fraction * SYMBOLS.length() + (i < text.length ? rank(text[i]) : 0);
    }
    return fraction;
  }

  /** The symbol's place, or that of the next one before it. */
  private static int rank(byte symbol) {
    if (symbol < 0) {
      return SYMBOLS.length() - 1; // a part of a letter beyond ASCII
    }
    char c = Character.toLowerCase((char) symbol);
    int rank = 0;
    while (rank + 1 < SYMBOLS.length() && SYMBOLS.charAt(rank + 1) <= c) {
      rank++;
    }
    return rank;
  }

  private static String string(byte[] value) {
    return new String(value, US_ASCII);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }
}

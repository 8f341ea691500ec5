package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Numbers in a JSON text that are no integers and no doubles. MySQL's JSON holds DECIMALs, which a
 * text does not distinguish from doubles, and reads every number with a point or of more than 64
 * bits as a double (MySQL manual, "The JSON Data Type"). What it would not print again with the
 * same digits has to be given to it as the DECIMAL that it is.
 */
public final class JsonDecimals {
  private static final int MOST_DIGITS = 65;
  private static final int MOST_FRACTION = 30;

  /** Digits that any double keeps, and that any signed integer of 64 bits has room for. */
  private static final int SURE_DIGITS = 15;

  private static final int SURE_INTEGER_DIGITS = 18;

  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private final byte[] text;
  private final int end;
  private int at;

  private JsonDecimals(byte[] text, int offset, int length) {
    this.text = text;
    this.at = offset;
    this.end = offset + length;
  }

  /** Whether a text has such a number; a text that is no JSON has none. */
  public static boolean in(byte[] text, int offset, int length) {
    JsonDecimals scan = new JsonDecimals(text, offset, length);
    while (scan.toNumber()) {
      if (scan.isDecimal(scan.number())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Such numbers of a text, in order.
   *
   * @param text a JSON text
   */
  public static List<Decimal> of(byte[] text) {
    return in(text, 0, text.length) ? new JsonDecimals(text, 0, text.length).found() : List.of();
  }

  /**
   * A DECIMAL in a JSON text.
   *
   * @param path where it is, as MySQL's JSON functions name places
   * @param digits as written
   * @param precision how many digits it has
   * @param scale how many of them are behind the point
   */
  public record Decimal(String path, String digits, int precision, int scale) {
    /** The type that holds just its digits. */
    public String type() {
      return "DECIMAL(" + precision + "," + scale + ")";
    }
  }

  /** A container that the scan is in. */
  private static final class Level {
    private final boolean array;
    private int element;
    private byte[] key = {};
    private boolean keyIsNext;

    Level(boolean array) {
      this.array = array;
      this.keyIsNext = !array;
    }
  }

  // Strings and numbers are all that is looked at, so that what is no number is passed over
  // quickly.
  private boolean toNumber() {
    while (at < end) {
      byte b = text[at];
      if (b == '"') {
        skipString();
      } else if (b == '-' || isDigit(b)) {
        return true;
      } else {
        at++;
      }
    }
    return false;
  }

  private List<Decimal> found() {
    List<Decimal> found = new ArrayList<>();
    Deque<Level> levels = new ArrayDeque<>();
    while (at < end) {
      byte b = text[at];
      Level level = levels.peekLast();
      switch (b) {
        case '"' -> {
          int start = at;
          skipString();
          if (level != null && level.keyIsNext) {
            level.key = Arrays.copyOfRange(text, start, at);
            level.keyIsNext = false;
          }
        }
        case '{', '[' -> {
          levels.addLast(new Level(b == '['));
          at++;
        }
        case '}', ']' -> {
          var unused = levels.pollLast();
          at++;
        }
        case ',' -> {
          if (level != null) {
            level.element++;
            level.keyIsNext = !level.array;
          }
          at++;
        }
        default -> {
          if (b == '-' || isDigit(b)) {
            int start = at;
            if (isDecimal(number())) {
              found.add(decimal(path(levels), start));
            }
          } else {
            at++;
          }
        }
      }
    }
    return found;
  }

  private Decimal decimal(String path, int start) {
    String number = new String(text, start, at - start, US_ASCII);
    int scale = scale(number);
    return new Decimal(path, number, precision(number, scale), scale);
  }

  /** As a path names members: a key between quotes is read as a JSON string. */
  private static String path(Deque<Level> levels) {
    ByteArrayOutputStream path = new ByteArrayOutputStream();
    path.write('$');
    for (Level level : levels) {
      if (level.array) {
        path.writeBytes(("[" + level.element + "]").getBytes(US_ASCII));
      } else {
        path.write('.');
        path.writeBytes(level.key);
      }
    }
    return path.toString(UTF_8);
  }

  private void skipString() {
    at++;
    while (at < end && text[at] != '"') {
      at += text[at] == '\\' ? 2 : 1;
    }
    at = Math.min(at + 1, end);
  }

  /** Where the number begins that ends where the scan is afterwards. */
  private int number() {
    int start = at++;
    while (at < end) {
      byte b = text[at];
      if (!isDigit(b) && b != '.' && b != 'e' && b != 'E' && b != '-' && b != '+') {
        break;
      }
      at++;
    }
    return start;
  }

  private boolean isDecimal(int start) {
    int point = -1;
    for (int i = start; i < at; i++) {
      byte b = text[i];
      if (b == '.') {
        point = i;
      } else if (!isDigit(b) && !(b == '-' && i == start)) {
        return false; // only doubles are printed with an exponent
      }
    }
    boolean surelyInteger = point < 0 && at - start <= SURE_INTEGER_DIGITS;
    boolean trailingZero = point >= 0 && text[at - 1] == '0' && at - point > 2;
    // Of so few digits none is lost, and the first is not so far behind the point that it is
    // printed with an exponent.
    boolean surelyDouble = point >= 0 && at - start <= SURE_DIGITS && !trailingZero;
    return !surelyInteger
        && !surelyDouble
        && isDecimal(new String(text, start, at - start, US_ASCII));
  }

  private static boolean isDecimal(String number) {
    int scale = scale(number);
    if (scale == 0) {
      BigInteger integer = new BigInteger(number);
      if (integer.compareTo(LEAST) >= 0 && integer.compareTo(MOST) <= 0) {
        return false;
      }
    }
    // More digits no server's DECIMAL holds, so that they can't have come from one.
    return precision(number, scale) <= MOST_DIGITS
        && scale <= MOST_FRACTION
        && !printed(Double.parseDouble(number)).equals(number);
  }

  private static String printed(double value) {
    String text = DoubleText.of(value);
    return text.indexOf('.') < 0 && text.indexOf('e') < 0 ? text + ".0" : text;
  }

  private static int scale(String number) {
    int point = number.indexOf('.');
    return point < 0 ? 0 : number.length() - point - 1;
  }

  private static int precision(String number, int scale) {
    int digits =
        number.length() - (number.charAt(0) == '-' ? 1 : 0) - (number.indexOf('.') < 0 ? 0 : 1);
    boolean zeroBefore = digits - scale == 1 && number.replace("-", "").startsWith("0");
    return Math.max(1, zeroBefore ? Math.max(scale, 1) : digits);
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}

package dev.shunt.tablet.schema;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Prints doubles as MySQL does: the shortest digits that read back as the same number; plain
 * notation while the decimal point lies within 15 digits, else exponent notation without a plus.
 */
public final class DoubleText {
  private static final int MAX_PLAIN_POINT = 15;

  private DoubleText() {}

  public static String of(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
    String digits = shortest.unscaledValue().toString();
    int point = digits.length() - shortest.scale();
    String sign = value < 0 ? "-" : "";
    if (point > MAX_PLAIN_POINT || point < 1 - MAX_PLAIN_POINT) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      return sign + digits.charAt(0) + fraction + "e" + (point - 1);
    }
    return sign + shortest.toPlainString();
  }

  /** Java keeps two digits where one would do (4.9E-324 for 5E-324). */
  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(Double.toString(value));
    if (exact.precision() == 2) {
      BigDecimal one = exact.round(new MathContext(1));
      if (one.doubleValue() == value) {
        return one;
      }
    }
    return exact;
  }
}

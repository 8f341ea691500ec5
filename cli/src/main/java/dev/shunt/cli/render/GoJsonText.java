package dev.shunt.cli.render;

import java.math.BigDecimal;

/** Texts and fractions in JSON as Go writes them. */
final class GoJsonText {
  private GoJsonText() {}

  /**
   * Appends a text in quotes.
   *
   * @param html also escape what HTML would take for markup
   */
  static void append(StringBuilder out, String text, boolean html) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          boolean markup = c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029';
          if (c < ' ' || (html && markup)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** A double: shortest digits, an exponent only below 1e-6 and from 1e21 on. */
  static String number(double value) {
    double size = Math.abs(value);
    return shortest(Double.toString(value), value, size < 1e-6 || size >= 1e21);
  }

  /** A float: shortest digits, an exponent only below 1e-6 and from 1e21 on. */
  static String number(float value) {
    float size = Math.abs(value);
    return shortest(Float.toString(value), value, size < 1e-6f || size >= 1e21f);
  }

  private static String shortest(String digits, double value, boolean exponent) {
    if (value == 0) {
      return "0";
    }
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return '"' + digits + '"';
    }
    if (exponent) {
      return digits.replace(".0E", "e").replace('E', 'e').replaceAll("e(\\d)", "e+$1");
    }
    return new BigDecimal(digits).stripTrailingZeros().toPlainString();
  }
}

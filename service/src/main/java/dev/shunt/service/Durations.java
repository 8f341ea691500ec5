package dev.shunt.service;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people and Vitess's tools write them: {@code 30s}, {@code 1h0m0s}, {@code 250ms}.
 */
public final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|ns)");

  private Durations() {}

  /**
   * As a person writes it, and {@link #parse} reads it: {@code 1m30s}, {@code 1.5s}, {@code 250ms}.
   */
  public static String text(Duration duration) {
    if (duration.isNegative()) {
      return "-" + text(duration.negated());
    }
    if (duration.isZero()) {
      return "0s";
    }
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      return decimal(duration.toNanos(), 6) + "ms";
    }
    String hours = duration.toHours() > 0 ? duration.toHours() + "h" : "";
    String minutes = duration.toMinutesPart() > 0 ? duration.toMinutesPart() + "m" : "";
    long rest = duration.toSecondsPart() * 1_000_000_000L + duration.toNanosPart();
    return hours + minutes + (rest > 0 ? decimal(rest, 9) + "s" : "");
  }

  private static String decimal(long nanos, int digits) {
    return BigDecimal.valueOf(nanos, digits).stripTrailingZeros().toPlainString();
  }

  /** Reads a duration; IllegalArgumentException when it is none. */
  public static Duration parse(String text) {
    Matcher matcher = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      double amount = Double.parseDouble(matcher.group(1));
      double nanos =
          switch (matcher.group(2)) {
            case "h" -> amount * 3_600e9;
            case "m" -> amount * 60e9;
            case "s" -> amount * 1e9;
            case "ms" -> amount * 1e6;
            case "us" -> amount * 1e3;
            default -> amount;
          };
      sum = sum.plusNanos(Math.round(nanos));
      end = matcher.end();
    }
    if (end != text.length() || text.isEmpty()) {
      if (text.equals("0")) {
        return Duration.ZERO;
      }
      throw new IllegalArgumentException(
          "not a duration (write 30s, 250ms or 1h30m): '" + text + "'");
    }
    return sum;
  }
}

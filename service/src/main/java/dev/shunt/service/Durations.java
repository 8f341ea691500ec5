package dev.shunt.service;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people and Vitess's tools write them: {@code 30s}, {@code 1h0m0s}, {@code 250ms}.
 */
public final class Durations {
  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|\u00b5s|\u03bcs|ns)");

  /** What is counted in nanoseconds goes no further. */
  private static final long LONGEST_NANOS = Long.MAX_VALUE;

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

  /** Reads a duration of up to 292 years; IllegalArgumentException when it is none. */
  public static Duration parse(String text) {
    Matcher matcher = PART.matcher(text);
    BigDecimal sum = BigDecimal.ZERO;
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      long unit =
          switch (matcher.group(2)) {
            case "h" -> 3_600_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "s" -> 1_000_000_000;
            case "ms" -> 1_000_000;
            case "ns" -> 1;
            default -> 1_000; // microseconds, which Go writes with one of two letters
          };
      sum = sum.add(new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)));
      end = matcher.end();
    }
    if (end != text.length() || text.isEmpty()) {
      if (text.equals("0")) {
        return Duration.ZERO;
      }
      throw new IllegalArgumentException(
          "not a duration (write 30s, 250ms or 1h30m): '" + text + "'");
    }
    if (sum.compareTo(BigDecimal.valueOf(LONGEST_NANOS)) > 0) {
      throw new IllegalArgumentException("the duration '" + text + "' is too long");
    }
    return Duration.ofNanos(sum.setScale(0, RoundingMode.HALF_UP).longValueExact());
  }
}

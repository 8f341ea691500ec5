package dev.shunt.cli.vdiff;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** When a running diff will have ended, by what it has done so far. */
final class Eta {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final Duration FURTHEST = Duration.ofDays(365);

  private Eta() {}

  /** UTC; empty below one percent, and when it is more than a year away. */
  static String of(DiffSummary summary) {
    long percentage = (long) summary.percentage();
    if (percentage < 1 || summary.startedAt.isEmpty()) {
      return "";
    }
    Instant now = Instant.now();
    Instant started = LocalDateTime.parse(summary.startedAt, TIME).toInstant(ZoneOffset.UTC);
    long left = Duration.between(started, now).toSeconds() / percentage * (100 - percentage);
    return left > FURTHEST.toSeconds()
        ? ""
        : TIME.format(LocalDateTime.ofInstant(now.plusSeconds(left), ZoneOffset.UTC));
  }
}

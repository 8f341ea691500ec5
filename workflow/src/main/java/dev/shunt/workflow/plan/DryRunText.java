package dev.shunt.workflow.plan;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Stream;

/** Words of Vitess that dry runs and answers share. */
public final class DryRunText {
  private static final DateTimeFormatter RFC_822 =
      DateTimeFormatter.ofPattern("dd MMM yy HH:mm 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  private DryRunText() {}

  /** Heading of a dry run; the operation is SwitchTraffic, ReverseTraffic or Complete. */
  public static String dryRunSummary(
      String operation, String keyspace, String workflow, Instant now) {
    return "%s dry run results for workflow %s.%s at %s"
        .formatted(operation, keyspace, workflow, RFC_822.format(now));
  }

  /** Sentence of success of a switch; the operation is SwitchTraffic or ReverseTraffic. */
  public static String switchSummary(String operation, String keyspace, String workflow) {
    return "%s was successful for workflow %s.%s".formatted(operation, keyspace, workflow);
  }

  /** A duration as Go prints it: {@code 30s}, {@code 1m30s}, {@code 1.5s}, {@code 250ms}. */
  public static String duration(Duration duration) {
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      return duration.isZero() ? "0s" : decimal(duration.toNanos() / 1e6) + "ms";
    }
    StringBuilder text = new StringBuilder();
    if (duration.toHours() > 0) {
      text.append(duration.toHours()).append('h');
    }
    if (duration.toMinutes() > 0) {
      text.append(duration.toMinutesPart()).append('m');
    }
    double seconds = duration.toSecondsPart() + duration.toNanosPart() / 1e9;
    return text.append(decimal(seconds)).append('s').toString();
  }

  private static String decimal(double number) {
    return number == Math.rint(number)
        ? Long.toString(Math.round(number))
        : java.math.BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  static String list(Collection<String> items) {
    return "[" + String.join(",", items) + "]";
  }

  static String list(Stream<String> items) {
    return list(items.toList());
  }

  /** Tablets by their numbers, in the order of these. */
  static String tablets(Collection<PlannedPrimary> primaries) {
    return list(
        primaries.stream()
            .map(PlannedPrimary::tabletUid)
            .sorted()
            .map(uid -> "tablet:" + Integer.toUnsignedString(uid)));
  }

  static String streamsDeleted(
      String what, String keyspace, String workflow, Collection<PlannedPrimary> shards) {
    return "%s: %s"
        .formatted(
            what,
            list(
                shards.stream()
                    .sorted(PlannedPrimary.ORDER)
                    .map(p ->
                        "keyspace:%s;shard:%s;workflow:%s;dbname:%s;tablet:%d"
                            .formatted(keyspace, p.shard(), workflow, p.dbName(), p.tabletUid()))));
  }
}

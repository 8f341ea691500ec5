package dev.shunt.workflow.plan;

import dev.shunt.workflow.routing.Move;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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

  static List<String> lock(Move move) {
    List<String> lines = new ArrayList<>(List.of("Lock keyspace " + move.source()));
    if (!move.source().equals(move.target())) {
      lines.add("Lock keyspace " + move.target());
    }
    return lines;
  }

  static List<String> unlock(Move move) {
    List<String> lines = new ArrayList<>();
    if (!move.source().equals(move.target())) {
      lines.add("Unlock keyspace " + move.target());
    }
    lines.add("Unlock keyspace " + move.source());
    return lines;
  }

  static String deniedTablesRemoved(Move move, String keyspace, Collection<ShardPrimary> shards) {
    return "Denied tables records on %s will be removed from: %s"
        .formatted(
            list(move.tables()),
            list(
                shards.stream()
                    .sorted(ShardPrimary.ORDER)
                    .map(p ->
                        "keyspace:%s;shard:%s;tablet:%d"
                            .formatted(keyspace, p.shard(), p.tabletUid()))));
  }

  static String streamsDeleted(
      String what, String keyspace, String workflow, Collection<ShardPrimary> shards) {
    return "%s: %s"
        .formatted(
            what,
            list(
                shards.stream()
                    .sorted(ShardPrimary.ORDER)
                    .map(p ->
                        "keyspace:%s;shard:%s;workflow:%s;dbname:%s;tablet:%d"
                            .formatted(keyspace, p.shard(), workflow, p.dbName(), p.tabletUid()))));
  }

  static String tables(
      String verb, String keyspace, List<String> tables, Collection<ShardPrimary> shards) {
    return "%s these tables from the database and removing them from the vschema for keyspace %s: %s"
        .formatted(
            verb,
            keyspace,
            list(
                shards.stream()
                    .sorted(ShardPrimary.ORDER)
                    .flatMap(p ->
                        tables.stream()
                            .sorted()
                            .map(table ->
                                "keyspace:%s;shard:%s;dbname:%s;tablet:%d;table:%s"
                                    .formatted(
                                        keyspace, p.shard(), p.dbName(), p.tabletUid(), table)))));
  }
}

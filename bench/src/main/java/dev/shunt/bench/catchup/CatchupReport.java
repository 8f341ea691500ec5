package dev.shunt.bench.catchup;

import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.FiguresTable;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Measurement;
import dev.shunt.bench.measure.Medians;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * What {@code bench catchup} found; its components are the JSON of {@code --json}.
 *
 * @param benchmark always {@code catchup}
 * @param host where and when
 * @param server version of the database servers
 * @param settings their arguments beside those that every embedded server has
 * @param rows rows of sbtest1
 * @param transactions transactions of each backlog, one row each
 * @param passes how often each way was measured
 * @param runs every run, in the order in which they were done
 * @param medians median figures of each way
 * @param transactionsPerSecond transactions of a backlog divided by the median wall time
 * @param speedupOverNative4Workers median wall time of native replication with four workers,
 *     divided by that of Shunt in the middle of a copy
 * @param runningSpeedupOverNative4Workers the same for a stream that was running
 */
public record CatchupReport(
    String benchmark,
    Host host,
    String server,
    List<String> settings,
    long rows,
    long transactions,
    int passes,
    List<Measurement> runs,
    Map<String, Figures> medians,
    Map<String, Double> transactionsPerSecond,
    double speedupOverNative4Workers,
    double runningSpeedupOverNative4Workers) {
  static final String NATIVE_1 = "native_1_worker";
  static final String NATIVE_4 = "native_4_workers";
  static final String CATCH_UP = "shunt_catchup";
  static final String RUNNING = "shunt_running";

  static CatchupReport of(
      Host host, String server, CatchupOptions options, List<Measurement> runs) {
    Map<String, Figures> medians = Medians.ofWays(runs);
    Map<String, Double> rates = new LinkedHashMap<>();
    medians.forEach((way, figures) ->
        rates.put(way, (double) Math.round(options.transactions() / figures.wallSeconds())));
    double base = Objects.requireNonNull(medians.get(NATIVE_4)).wallSeconds();
    return new CatchupReport(
        "catchup",
        host,
        server,
        options.servers().databaseSettings(),
        options.rows(),
        options.transactions(),
        options.passes(),
        List.copyOf(runs),
        medians,
        rates,
        ratio(base, Objects.requireNonNull(medians.get(CATCH_UP)).wallSeconds()),
        ratio(base, Objects.requireNonNull(medians.get(RUNNING)).wallSeconds()));
  }

  private static double ratio(double value, double base) {
    return Math.round(value / base * 1000) / 1000.0;
  }

  /** The table of medians, and the speedups. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%nMedians of %d pass(es), %s, a backlog of %,d transactions on %,d rows%n%n",
            passes,
            server,
            transactions,
            rows));
    text.append(
        FiguresTable.of(
            medians, "x native 4", Objects.requireNonNull(medians.get(NATIVE_4)).wallSeconds()));
    text.append('\n');
    transactionsPerSecond.forEach((way, rate) ->
        text.append(String.format(Locale.ROOT, "%-16s %,8.0f transactions/s%n", way, rate)));
    text.append(
        String.format(
            Locale.ROOT,
            "%nShunt is %.2f times as fast as native replication with 4 workers in the middle of a"
                + " copy, and %.2f times as fast when running.%n",
            speedupOverNative4Workers,
            runningSpeedupOverNative4Workers));
    return text.toString();
  }
}

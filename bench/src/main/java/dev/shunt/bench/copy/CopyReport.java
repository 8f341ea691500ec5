package dev.shunt.bench.copy;

import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.FiguresTable;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Measurement;
import dev.shunt.bench.measure.Medians;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench copy} found; its components are the JSON of {@code --json}.
 *
 * @param benchmark always {@code copy}
 * @param host where and when
 * @param server version of the database servers
 * @param settings their arguments beside those that every embedded server has
 * @param tables rows by table
 * @param bytes size of the data as text
 * @param passes how often each way was measured
 * @param runs every run, in the order in which they were done
 * @param medians median figures of each way
 * @param notMeasured ways that could not be measured, and why
 * @param bestLoadData the LOAD DATA way with the shortest median; null without one
 * @param ratioToBestLoadData median wall time of Shunt's copy, divided by that way's; null without
 *     one of the two
 * @param cpuRatioToBestLoadData the same for the CPU seconds of all processes
 */
public record CopyReport(
    String benchmark,
    Host host,
    String server,
    List<String> settings,
    Map<String, Long> tables,
    long bytes,
    int passes,
    List<Measurement> runs,
    Map<String, Figures> medians,
    Map<String, String> notMeasured,
    @Nullable String bestLoadData,
    @Nullable Double ratioToBestLoadData,
    @Nullable Double cpuRatioToBestLoadData) {

  /**
   * What was measured on.
   *
   * @param host where and when
   * @param server version of the database servers
   * @param settings their arguments
   * @param tables rows by table
   * @param bytes size of the data as text
   * @param passes how often each way was measured
   */
  record Subject(
      Host host,
      String server,
      List<String> settings,
      Map<String, Long> tables,
      long bytes,
      int passes) {}

  static CopyReport of(Subject subject, List<Measurement> runs, Map<String, String> notMeasured) {
    Map<String, Figures> medians = Medians.ofWays(runs);
    Optional<String> best =
        medians.entrySet().stream()
            .filter(way -> way.getKey().startsWith(LoadData.PREFIX))
            .min(Comparator.comparingDouble(way -> way.getValue().wallSeconds()))
            .map(Map.Entry::getKey);
    @Nullable Figures shunt = medians.get(ShuntCopy.NAME);
    @Nullable Figures load = best.map(medians::get).orElse(null);
    return new CopyReport(
        "copy",
        subject.host(),
        subject.server(),
        subject.settings(),
        subject.tables(),
        subject.bytes(),
        subject.passes(),
        List.copyOf(runs),
        medians,
        notMeasured,
        best.orElse(null),
        shunt != null && load != null ? ratio(shunt.wallSeconds(), load.wallSeconds()) : null,
        shunt != null && load != null
            ? ratio(shunt.totalCpuSeconds(), load.totalCpuSeconds())
            : null);
  }

  private static double ratio(double value, double base) {
    return Math.round(value / base * 1000) / 1000.0;
  }

  /** The table of medians, and the ratio. */
  public String summary() {
    double best =
        medians.values().stream().mapToDouble(Figures::wallSeconds).min().orElse(Double.NaN);
    @Nullable Figures load = bestLoadData == null ? null : medians.get(bestLoadData);
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%nMedians of %d pass(es), %s, %,d rows, %,d MB of text%n%n",
            passes,
            server,
            tables.values().stream().mapToLong(Long::longValue).sum(),
            bytes / 1_000_000));
    text.append(FiguresTable.of(medians, "x best", load == null ? best : load.wallSeconds()));
    notMeasured.forEach((way, why) -> text.append("not measured: " + way + ", " + why + "\n"));
    if (ratioToBestLoadData != null) {
      text.append(
          String.format(
              Locale.ROOT,
              "%nShunt's copy takes %.2f times as long as %s, and %.2f times its CPU.%n",
              ratioToBestLoadData,
              bestLoadData,
              cpuRatioToBestLoadData));
    }
    return text.toString();
  }
}

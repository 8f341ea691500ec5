package dev.shunt.bench.switching;

import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.TextTable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code bench switch} found; its components are the JSON of {@code --json}.
 *
 * @param benchmark always {@code switch}
 * @param host where and when
 * @param engine databases
 * @param results one for each number of shards and tables
 */
public record SwitchReport(String benchmark, Host host, String engine, List<Result> results) {
  public SwitchReport {
    results = List.copyOf(results);
  }

  /**
   * The switches of one number of tables and shards.
   *
   * @param tables tables that were switched
   * @param shards shards of the target
   * @param switches how often, there and back in turn
   * @param p50Ms pause of writes, median: from the first denial until all that serve from then on
   *     have taken notice
   * @param p99Ms 99 in 100
   * @param maxMs the longest
   * @param feltP50Ms the longest time that any of the clients waited for an answer during a switch,
   *     median
   * @param feltMaxMs the longest of these
   * @param writesPerSecond acknowledged writes a second, all the while
   * @param failedWrites writes that a client was told to have failed
   * @param stepsP50Ms how long each step took, median, in the order of the steps
   */
  public record Result(
      int tables,
      int shards,
      int switches,
      double p50Ms,
      double p99Ms,
      double maxMs,
      double feltP50Ms,
      double feltMaxMs,
      double writesPerSecond,
      long failedWrites,
      Map<String, Double> stepsP50Ms) {
    public Result {
      stepsP50Ms = Collections.unmodifiableMap(new LinkedHashMap<>(stepsP50Ms));
    }
  }

  /** Everything as text. */
  public String summary() {
    TextTable table =
        new TextTable(
            "tables",
            "shards",
            "pause p50 ms",
            "p99 ms",
            "max ms",
            "felt p50 ms",
            "felt max ms",
            "writes/s",
            "failed");
    for (Result result : results) {
      table.add(
          Integer.toString(result.tables()),
          Integer.toString(result.shards()),
          TextTable.number(result.p50Ms()),
          TextTable.number(result.p99Ms()),
          TextTable.number(result.maxMs()),
          TextTable.number(result.feltP50Ms()),
          TextTable.number(result.feltMaxMs()),
          String.format(Locale.ROOT, "%,.0f", result.writesPerSecond()),
          Long.toString(result.failedWrites()));
    }
    return "\n" + table;
  }
}

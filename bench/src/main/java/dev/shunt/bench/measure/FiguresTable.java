package dev.shunt.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The table of medians that every benchmark prints: ways in their order, with wall time, CPU
 * seconds by process, and the memory of the largest JVM.
 */
public final class FiguresTable {
  private record Column(String heading, Function<Figures, String> cell) {}

  private FiguresTable() {}

  /** The table of these ways. */
  public static String of(Map<String, Figures> medians) {
    return table(medians, List.of());
  }

  /**
   * With one more column: how often the wall time holds that of a base.
   *
   * @param medians figures of each way
   * @param heading heading of that column
   * @param base wall seconds of the base
   */
  public static String of(Map<String, Figures> medians, String heading, double base) {
    return table(
        medians,
        List.of(new Column(heading, figures -> TextTable.number(figures.wallSeconds() / base))));
  }

  private static String table(Map<String, Figures> medians, List<Column> comparison) {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("wall s", figures -> TextTable.number(figures.wallSeconds())));
    columns.addAll(comparison);
    for (String process : processes(medians)) {
      columns.add(
          new Column(
              "CPU " + process,
              figures ->
                  figures.cpuSeconds().containsKey(process)
                      ? TextTable.number(figures.cpuSeconds(process))
                      : ""));
    }
    columns.add(new Column("all CPU", figures -> TextTable.number(figures.totalCpuSeconds())));
    columns.add(new Column("others", figures -> TextTable.number(figures.othersCpuSeconds())));
    columns.add(
        new Column(
            "RSS MB",
            figures ->
                figures.memory().isEmpty()
                    ? ""
                    : String.format(Locale.ROOT, "%.0f", figures.largestRssMegabytes())));
    TextTable table = new TextTable(row("way", columns, Column::heading));
    medians.forEach(
        (way, figures) -> table.add(row(way, columns, column -> column.cell().apply(figures))));
    return table.toString();
  }

  private static SortedSet<String> processes(Map<String, Figures> medians) {
    SortedSet<String> processes = new TreeSet<>();
    medians.values().forEach(figures -> processes.addAll(figures.cpuSeconds().keySet()));
    return processes;
  }

  private static String[] row(String first, List<Column> columns, Function<Column, String> cell) {
    return Stream.concat(Stream.of(first), columns.stream().map(cell)).toArray(String[]::new);
  }
}

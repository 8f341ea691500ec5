package dev.shunt.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** The table of medians that every benchmark prints. */
public final class FiguresTable {
  private FiguresTable() {}

  /**
   * Ways in their order, with wall time, how often it holds the wall time of the best, CPU seconds
   * by process, and the memory of the largest JVM.
   *
   * @param medians figures of each way
   * @param best wall seconds to compare with
   */
  public static String of(Map<String, Figures> medians, double best) {
    Set<String> processes = new TreeSet<>();
    medians.values().forEach(figures -> processes.addAll(figures.cpuSeconds().keySet()));
    String[] headings =
        row(
            processes,
            "way",
            "wall s",
            "x best",
            name -> "CPU " + name,
            "all CPU",
            "others",
            "RSS MB");
    TextTable table = new TextTable(headings);
    medians.forEach((way, figures) ->
        table.add(
            row(
                processes,
                way,
                number(figures.wallSeconds()),
                number(figures.wallSeconds() / best),
                name ->
                    figures.cpuSeconds().containsKey(name) ? number(figures.cpuSeconds(name)) : "",
                number(figures.totalCpuSeconds()),
                number(figures.othersCpuSeconds()),
                figures.memory().isEmpty()
                    ? ""
                    : String.format(Locale.ROOT, "%.0f", figures.largestRssMegabytes()))));
    return table.toString();
  }

  private static String[] row(
      Set<String> processes,
      String way,
      String wall,
      String ratio,
      UnaryOperator<String> ofProcess,
      String... rest) {
    List<String> cells = new ArrayList<>(List.of(way, wall, ratio));
    processes.forEach(name -> cells.add(ofProcess.apply(name)));
    cells.addAll(List.of(rest));
    return cells.toArray(String[]::new);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}

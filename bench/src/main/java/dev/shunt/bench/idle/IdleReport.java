package dev.shunt.bench.idle;

import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.TextTable;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@code bench idle} found; its components are the JSON of {@code --json}.
 *
 * @param benchmark always {@code idle}
 * @param host where and when
 * @param seconds how long it was measured
 * @param cpuPercent CPU time of all processes, in percent of one core
 * @param memoryMegabytes memory of all processes, in MB; pages that several share count once
 * @param processes the same for each process, by its program's name and process id
 * @param threads CPU time of each thread of the JVM, in percent of one core, by its name; those
 *     with less than a hundredth are left out
 */
public record IdleReport(
    String benchmark,
    Host host,
    double seconds,
    double cpuPercent,
    double memoryMegabytes,
    SortedMap<String, Share> processes,
    SortedMap<String, Double> threads) {
  /**
   * What one process takes.
   *
   * @param cpuPercent CPU time in percent of one core
   * @param memoryMegabytes memory in MB, its part of pages that are shared
   */
  public record Share(double cpuPercent, double memoryMegabytes) {}

  private static final int SHOWN = 12;

  public IdleReport {
    processes = Collections.unmodifiableSortedMap(new TreeMap<>(processes));
    threads = Collections.unmodifiableSortedMap(new TreeMap<>(threads));
  }

  /** Everything as text. */
  public String summary() {
    TextTable table = new TextTable("process", "CPU %", "MB");
    processes.forEach((name, share) ->
        table.add(
            name, TextTable.number(share.cpuPercent()), TextTable.number(share.memoryMegabytes())));
    table.add("all", TextTable.number(cpuPercent), TextTable.number(memoryMegabytes));
    TextTable busiest = new TextTable("busiest threads", "CPU %");
    threads.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(SHOWN)
        .forEach(thread -> busiest.add(thread.getKey(), TextTable.number(thread.getValue())));
    return "\n" + table + "\n" + busiest;
  }
}

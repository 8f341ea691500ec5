package dev.shunt.bench.measure;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one run took.
 *
 * @param wallSeconds time that passed
 * @param cpuSeconds CPU seconds by process; {@code client} are programs that ran for it
 * @param othersCpuSeconds CPU seconds of everything else on the machine: where it is not small the
 *     run was disturbed
 * @param memory memory of the JVMs among them
 */
public record Figures(
    double wallSeconds,
    SortedMap<String, Double> cpuSeconds,
    double othersCpuSeconds,
    SortedMap<String, Memory> memory) {
  /**
   * Memory of a JVM in one run.
   *
   * @param peakRssMegabytes most that was resident, in MB
   * @param peakHeapMegabytes most heap in use, garbage included, in MB
   */
  public record Memory(double peakRssMegabytes, double peakHeapMegabytes) {}

  public Figures {
    cpuSeconds = Collections.unmodifiableSortedMap(new TreeMap<>(cpuSeconds));
    memory = Collections.unmodifiableSortedMap(new TreeMap<>(memory));
  }

  /** CPU seconds of all watched processes together. */
  public double totalCpuSeconds() {
    return cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** CPU seconds of one process, 0 when it was not watched. */
  public double cpuSeconds(String process) {
    return cpuSeconds.getOrDefault(process, 0.0);
  }

  /** The most that one of its JVMs had resident, in MB; 0 without a JVM. */
  public double largestRssMegabytes() {
    return memory.values().stream().mapToDouble(Memory::peakRssMegabytes).max().orElse(0);
  }

  /** Two decimals are what can be measured. */
  public static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  static SortedMap<String, Double> rounded(Map<String, Double> values) {
    SortedMap<String, Double> rounded = new TreeMap<>();
    values.forEach((name, value) -> rounded.put(name, rounded(value)));
    return rounded;
  }
}

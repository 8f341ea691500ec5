package dev.shunt.bench.measure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Measures what a piece of work takes: time, and CPU seconds and memory of the processes that it
 * may burden. Programs that this JVM starts and waits for meanwhile are counted as {@value
 * #CLIENT}, so nothing else may be started and end at that time.
 */
public final class CpuClock {
  /** Name of the programs that ran for the work. */
  public static final String CLIENT = "client";

  /** Name of this JVM. */
  public static final String BENCH = "bench";

  private final List<Probe> probes;

  /** A clock over these processes. */
  public CpuClock(List<? extends Probe> probes) {
    this.probes = List.copyOf(probes);
  }

  /** Something that takes time. */
  @FunctionalInterface
  public interface Work {
    void run() throws Exception;
  }

  /** Does the work and tells what it took. */
  public Figures measure(Work work) throws Exception {
    for (Probe probe : probes) {
      if (probe.heapPeakMegabytes().isPresent()) {
        ResidentMemory.resetPeak(probe.pid());
        probe.resetHeapPeak();
      }
    }
    double machineBefore = MachineCpu.now().seconds();
    Map<String, Double> before = readCpu();
    long began = System.nanoTime();
    work.run();
    double wall = (System.nanoTime() - began) / 1e9;
    Map<String, Double> used = new LinkedHashMap<>();
    readCpu().forEach((name, now) -> used.put(name, now - before.getOrDefault(name, 0.0)));
    double ours = used.values().stream().mapToDouble(Double::doubleValue).sum();
    double others = Math.max(0, MachineCpu.now().seconds() - machineBefore - ours);
    SortedMap<String, Figures.Memory> memory = new TreeMap<>();
    for (Probe probe : probes) {
      probe
          .heapPeakMegabytes()
          .ifPresent(heap ->
              memory.put(
                  probe.name(),
                  new Figures.Memory(
                      Figures.rounded(ResidentMemory.peakMegabytes(probe.pid())),
                      Figures.rounded(heap))));
    }
    return new Figures(
        Figures.rounded(wall), Figures.rounded(used), Figures.rounded(others), memory);
  }

  private Map<String, Double> readCpu() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (Probe probe : probes) {
      seconds.put(probe.name(), ProcStat.of(probe.pid()).seconds());
    }
    ProcStat own = ProcStat.of(ProcessHandle.current().pid());
    seconds.put(BENCH, own.seconds());
    seconds.put(CLIENT, own.childSeconds());
    return seconds;
  }
}

package dev.shunt.bench.measure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Medians over several passes; each figure for itself. */
public final class Medians {
  private Medians() {}

  /**
   * The middle one, or the mean of the two in the middle.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static double of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("there is no median of nothing");
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Median figures of each way, in the order in which the ways came first. */
  public static Map<String, Figures> ofWays(List<Measurement> runs) {
    Map<String, List<Figures>> byWay = new LinkedHashMap<>();
    for (Measurement run : runs) {
      byWay.computeIfAbsent(run.way(), way -> new ArrayList<>()).add(run.figures());
    }
    Map<String, Figures> medians = new LinkedHashMap<>();
    byWay.forEach((way, all) -> medians.put(way, ofFigures(all)));
    return medians;
  }

  private static Figures ofFigures(List<Figures> all) {
    SortedMap<String, Double> cpu = new TreeMap<>();
    for (String process : names(all, figures -> figures.cpuSeconds().keySet())) {
      cpu.put(process, median(all, figures -> figures.cpuSeconds(process)));
    }
    SortedMap<String, Figures.Memory> memory = new TreeMap<>();
    for (String process : names(all, figures -> figures.memory().keySet())) {
      List<Figures.Memory> each =
          all.stream()
              .map(figures -> figures.memory().get(process))
              .filter(Objects::nonNull)
              .toList();
      memory.put(
          process,
          new Figures.Memory(
              median(each, Figures.Memory::peakRssMegabytes),
              median(each, Figures.Memory::peakHeapMegabytes)));
    }
    return new Figures(
        median(all, Figures::wallSeconds), cpu, median(all, Figures::othersCpuSeconds), memory);
  }

  private static Set<String> names(List<Figures> all, Function<Figures, Set<String>> of) {
    Set<String> names = new TreeSet<>();
    all.forEach(figures -> names.addAll(of.apply(figures)));
    return names;
  }

  private static <T> double median(List<T> values, ToDoubleFunction<T> of) {
    return Figures.rounded(of(values.stream().map(of::applyAsDouble).toList()));
  }
}

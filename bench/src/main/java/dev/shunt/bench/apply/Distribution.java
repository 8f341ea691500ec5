package dev.shunt.bench.apply;

import java.util.Collection;
import java.util.List;

/**
 * How values are spread.
 *
 * @param samples how many there are
 * @param median half of them are at most this
 * @param p95 95 in 100 are at most this
 * @param p99 99 in 100 are at most this
 * @param max the largest
 */
public record Distribution(int samples, double median, double p95, double p99, double max) {
  /**
   * Of values in any order.
   *
   * @throws IllegalArgumentException when there are none
   */
  public static Distribution of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    List<Double> sorted = values.stream().sorted().toList();
    return new Distribution(
        sorted.size(),
        percentile(sorted, 50),
        percentile(sorted, 95),
        percentile(sorted, 99),
        sorted.getLast());
  }

  /** The smallest value that so many of a hundred do not exceed (nearest rank). */
  private static double percentile(List<Double> sorted, int percent) {
    int rank = (int) Math.ceil(sorted.size() * percent / 100.0);
    return sorted.get(Math.max(0, rank - 1));
  }
}

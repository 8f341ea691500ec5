package dev.shunt.bench.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DistributionTest {
  @Test
  void takesTheNearestRank() {
    List<Double> values = IntStream.rangeClosed(1, 200).mapToObj(i -> (double) (201 - i)).toList();

    assertThat(Distribution.of(values)).isEqualTo(new Distribution(200, 100, 190, 198, 200));
  }

  @Test
  void isAllOneValueWhenThereIsOne() {
    assertThat(Distribution.of(List.of(7.0))).isEqualTo(new Distribution(1, 7, 7, 7, 7));
  }

  @Test
  void refusesNothing() {
    assertThatThrownBy(() -> Distribution.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

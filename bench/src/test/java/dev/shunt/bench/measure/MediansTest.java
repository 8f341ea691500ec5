package dev.shunt.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MediansTest {
  @Test
  void isTheMiddleOneOrTheMeanOfTheTwoInTheMiddle() {
    assertThat(Medians.of(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Medians.of(List.of(4.0, 1.0, 2.0, 100.0))).isEqualTo(3.0);
    assertThat(Medians.of(List.of(7.0))).isEqualTo(7.0);
  }

  @Test
  void refusesNothing() {
    assertThatThrownBy(() -> Medians.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void takesEachFigureOfAWayForItself() {
    List<Measurement> runs =
        List.of(
            new Measurement("b", 1, figures(1, 30, 200)),
            new Measurement("a", 1, figures(9, 9, 9)),
            new Measurement("b", 2, figures(2, 10, 100)),
            new Measurement("b", 3, figures(3, 20, 300)));

    Map<String, Figures> medians = Medians.ofWays(runs);

    assertThat(medians.keySet()).containsExactly("b", "a");
    assertThat(medians.get("b")).isEqualTo(figures(2, 20, 200));
    assertThat(medians.get("a")).isEqualTo(figures(9, 9, 9));
  }

  @Test
  void keepsAProcessThatOnlySomeRunsHad() {
    Figures with = new Figures(1, new TreeMap<>(Map.of("x", 4.0)), 0, new TreeMap<>());
    Figures without = new Figures(1, new TreeMap<>(), 0, new TreeMap<>());

    Map<String, Figures> medians =
        Medians.ofWays(List.of(new Measurement("w", 1, with), new Measurement("w", 2, without)));

    assertThat(medians.get("w").cpuSeconds("x")).isEqualTo(2.0);
  }

  private static Figures figures(double wall, double cpu, double rss) {
    return new Figures(
        wall,
        new TreeMap<>(Map.of("target_db", cpu)),
        cpu / 10,
        new TreeMap<>(Map.of("target_tablet", new Figures.Memory(rss, rss / 2))));
  }
}

package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Positions beside what they stand for: sets of transactions, or the course of a log. */
class PositionPropertiesTest {
  private static final List<String> SOURCES =
      List.of(
          "3e11fa47-71ca-11e1-9e33-c80aa9429562",
          "3e11fa47-71ca-11e1-9e33-c80aa9429562:tag",
          "4e11fa47-71ca-11e1-9e33-c80aa9429562");
  private static final int NUMBERS = 12;

  /** Transactions as {@code source:number}. */
  private static Set<String> randomSet(Random random) {
    Set<String> set = new TreeSet<>();
    for (String source : SOURCES) {
      int share = random.nextInt(4);
      for (int i = 1; i <= NUMBERS; i++) {
        if (random.nextInt(4) < share) {
          set.add(source + ":" + i);
        }
      }
    }
    return set;
  }

  /** In any order, of single numbers and ranges, some of them twice. */
  private static String text(Set<String> set, Random random) {
    List<String> parts = new ArrayList<>(set);
    for (String source : SOURCES) {
      for (int i = 1; i < NUMBERS; i++) {
        if (set.contains(source + ":" + i) && set.contains(source + ":" + (i + 1))) {
          parts.add(source + ":" + i + "-" + (i + 1));
        }
      }
    }
    Collections.shuffle(parts, random);
    return String.join(", ", parts);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void setsOfMysqlAreSets(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      Set<String> left = randomSet(random);
      Set<String> right = randomSet(random);
      Position a = MysqlPosition.parse(text(left, random));
      Position b = MysqlPosition.parse(text(right, random));
      Set<String> both = new TreeSet<>(left);
      both.addAll(right);

      assertThat(a.equals(b)).isEqualTo(left.equals(right));
      assertThat(a.isEmpty()).isEqualTo(left.isEmpty());
      assertThat(a.atLeast(b)).isEqualTo(left.containsAll(right));
      assertThat(a.union(b))
          .isEqualTo(b.union(a))
          .isEqualTo(MysqlPosition.parse(text(both, random)))
          .isEqualTo(a.followedBy(b));
      assertThat(MysqlPosition.parse(a.text())).isEqualTo(a).hasSameHashCodeAs(a);
      Position grown = a;
      for (String transaction : right) {
        grown = grown.with(transaction);
      }
      assertThat(grown).isEqualTo(a.union(b));
      assertThat(bytes(a)).isEqualTo(bytes(MysqlPosition.parse(a.text())));
    }
  }

  private static byte[] bytes(Position position) {
    return GtidSetBytes.of(MysqlPosition.of(position));
  }

  /** A log that several servers write to by turns, each numbering on from its own last one. */
  private static List<String> randomLog(Random random) {
    List<String> log = new ArrayList<>();
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = random.nextInt(20); i >= 0; i--) {
      String writer = random.nextInt(2) + "-" + (1 + random.nextInt(3));
      int next = numbers.merge(writer, 1 + random.nextInt(3), Integer::sum);
      log.add(writer + "-" + next);
    }
    return log;
  }

  private static Position along(List<String> log, int from) {
    Position position = MariaDbPosition.parse("");
    for (String gtid : log.subList(0, from)) {
      position = position.with(gtid);
    }
    return position;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aPositionThatWentAlongALogHasWhatItPassedAndNothingElse(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 40; i++) {
      List<String> log = randomLog(random);
      Position end = along(log, log.size());
      Position jumped = MariaDbPosition.parse("");
      for (int at = 0; at <= log.size(); at++) {
        Position before = along(log, at);
        jumped = jumped.followedBy(MariaDbPosition.parse(before.text()));
        assertThat(jumped).isEqualTo(before);
        assertThat(end.atLeast(before)).isTrue();
        assertThat(jumped.atLeast(before)).isTrue();
        assertThat(before.equals(end)).isEqualTo(before.text().equals(end.text()));
        assertThat(MariaDbPosition.parse(before.text()))
            .isEqualTo(before)
            .hasSameHashCodeAs(before);
        for (String later : log.subList(at, log.size())) {
          assertThat(before.atLeast(MariaDbPosition.parse(later))).isFalse();
        }
      }
    }
  }

  /** It is known to have them, whichever of them its text names. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aUnionHasAllOfBoth(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      List<String> one = randomLog(random);
      List<String> other = randomLog(random);
      Position a = along(one, one.size());
      Position b = MariaDbPosition.parse(along(other, other.size()).text());

      Position union = a.union(b);

      assertThat(union.atLeast(a)).as("%s with %s", a, b).isTrue();
      assertThat(union.atLeast(b)).as("%s with %s", a, b).isTrue();
      assertThat(b.union(a).atLeast(union)).isTrue();
      assertThat(union.union(a)).isEqualTo(union);
    }
  }

  /** What no server writes is not made into something that one would. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "A:+5",
        "A:1-+5",
        "A:-1",
        "A:1--2",
        "A:1-2-3",
        "A:\u0663",
        "A:9223372036854775808",
        "A:9223372036854775807",
        "A:1-9223372036854775807",
        "A:1;A:2",
        "A:a-b:1",
        "A:" + "t123456789012345678901234567890123" + ":1",
        "A::1",
        ":1",
        ",",
      })
  void refusesNumbersAndTagsThatNoServerGives(String text) {
    String set = text.replace("A", "3e11fa47-71ca-11e1-9e33-c80aa9429562");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MysqlPosition.parse(set))
        .withMessage("malformed MySQL GTID set '" + set + "'");
  }
}

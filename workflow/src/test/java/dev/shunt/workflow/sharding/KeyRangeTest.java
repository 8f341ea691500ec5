package dev.shunt.workflow.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRangeTest {
  @ParameterizedTest
  @CsvSource({
    "-80,-80",
    "80-,80-",
    "40-80,40-80",
    "-,-",
    "0,-",
    "main,-",
    "-8000,-80",
    "00-80,-80"
  })
  void readsShardNames(String text, String canonical) {
    assertThat(KeyRange.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"80-40", "80-80", "-00", "8-", "-8", "x-", "-40-80", "80-8000"})
  void refusesWhatIsNotARange(String text) {
    assertThatThrownBy(() -> KeyRange.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "-80,7fffffffffffffff,true",
    "-80,80,false",
    "-80,8000000000000000,false",
    "80-,80,true",
    "80-,ff,true",
    "80-,7f,false",
    "40-80,40,true",
    "40-80,3fff,false",
    "-,00,true",
    "-8000,80,false"
  })
  void containsItsStartAndNotItsEnd(String range, String id, boolean contained) {
    assertThat(KeyRange.parse(range).contains(HexFormat.of().parseHex(id))).isEqualTo(contained);
  }

  @ParameterizedTest
  @CsvSource({
    "-80,80-,false",
    "-80,-40,true",
    "-80,40-c0,true",
    "40-80,80-c0,false",
    "-,80-,true",
    "0,80-,true",
    "-8000,80-,false"
  })
  void intersectsWhereAnIdLiesInBoth(String left, String right, boolean expected) {
    assertThat(KeyRange.parse(left).intersects(KeyRange.parse(right))).isEqualTo(expected);
    assertThat(KeyRange.parse(right).intersects(KeyRange.parse(left))).isEqualTo(expected);
  }

  @Test
  void sortsByStartThenEnd() {
    assertThat(
            java.util.stream.Stream.of("80-", "-", "-80", "40-80", "-40")
                .map(KeyRange::parse)
                .sorted()
                .map(KeyRange::toString))
        .containsExactly("-40", "-80", "-", "40-80", "80-");
  }

  @Test
  void survivesTheShardRecord() {
    KeyRange range = KeyRange.parse("40-80");

    assertThat(KeyRange.of(range.toProto())).isEqualTo(range);
  }
}

package dev.shunt.tablet.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.tablet.preflight.ComputedLines.Dependent;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComputedLinesTest {
  private static final Dependent COLUMNS = new Dependent(Set.of("ts"), Set.of("v"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hour(`ts`)",
        "hour(ts)",
        "`ts`",
        "(`ts` is true)",
        "(`ts` is not false)",
        "(v is null)",
        "(`v` is not null)",
        "if((`ts` is null),1,hour(`ts`))",
        "unix_timestamp(`d`)"
      })
  void findsWhatDependsOnTheSession(String expression) {
    assertThat(COLUMNS.why(expression)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(`ts` is null)",
        "(ts is not null)",
        "concat(`d`,'it''s ts')",
        "cast(`d` as ts)",
        "hour(`d`)"
      })
  void findsNothingElse(String expression) {
    assertThat(COLUMNS.why(expression)).isEmpty();
  }
}

package dev.shunt.tablet.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.tablet.preflight.ComputedLines.Column;
import dev.shunt.tablet.preflight.ComputedLines.Dependent;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComputedLinesTest {
  private static final Dependent COLUMNS =
      new Dependent(Set.of("ts", "end", "day", "timestamp"), Set.of("v"));

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
        "unix_timestamp(`d`)",
        "hour(`day`)",
        "(case when `end` then 1 end)"
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
        "hour(`d`)",
        "(case when (`d` = 1) then 1 else 0 end)",
        "(`d` + interval 1 day)",
        "(`d` > TIMESTAMP'2024-01-01 00:00:00')"
      })
  void findsNothingElse(String expression) {
    assertThat(COLUMNS.why(expression)).isEmpty();
  }

  /** Computed columns may be made of columns that stand behind them. */
  @Test
  void findsVirtualColumnsWhateverTheOrder() {
    Column made = new Column("w", "int", "(`v` + 1)", false);
    Column virtual = new Column("v", "int", "hour(`ts`)", false);
    Column instant = new Column("ts", "timestamp", "", false);
    for (List<Column> order :
        List.of(List.of(made, virtual, instant), List.of(instant, virtual, made))) {
      assertThat(Dependent.among(order)).isEqualTo(new Dependent(Set.of("ts"), Set.of("v", "w")));
    }
  }
}

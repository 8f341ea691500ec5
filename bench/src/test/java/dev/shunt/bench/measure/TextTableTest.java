package dev.shunt.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void setsNumbersBelowEachOther() {
    TextTable table = new TextTable("way", "wall s", "MB");
    table.add("load", "9.50", "");
    table.add("a longer name", "10.50", "1");

    assertThat(table.toString())
        .isEqualTo(
            """
            way            wall s  MB
            load             9.50
            a longer name   10.50   1
            """);
  }

  @Test
  void refusesARowOfAnotherLength() {
    assertThatThrownBy(() -> new TextTable("a", "b").add("1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

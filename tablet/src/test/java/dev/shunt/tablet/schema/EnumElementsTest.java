package dev.shunt.tablet.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EnumElementsTest {
  @Test
  void readsQuotesCommasAndBackslashes() {
    assertThat(EnumElements.of("enum('a','it''s','x,y','b\\\\s','')"))
        .containsExactly("a", "it's", "x,y", "b\\s", "");
  }
}

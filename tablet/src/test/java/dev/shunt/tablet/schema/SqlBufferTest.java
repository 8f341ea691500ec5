package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlBufferTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "NUMBER | -12.50 | -12.50",
        "NUMBER | 1); -- | '1); --'",
        "NUMBER | 2024-01-02 | '2024-01-02'",
        "NUMBER | e | 'e'",
        "FLOATING | 1.5e-7 | 1.5e-7",
        "FLOATING | 2 | 2e0",
        "FLOATING | x' | 'x\\''"
      })
  void writesNumbersAsTheyAreAndAnythingElseInQuotes(ValueKind kind, String cell, String sql) {
    assertThat(new SqlBuffer().value(kind, cell.getBytes(UTF_8)).toByteArray())
        .asString(UTF_8)
        .isEqualTo(sql);
  }
}

package dev.shunt.tablet.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonDecimalsTest {
  private static List<String> found(String text) {
    return JsonDecimals.of(text.getBytes(UTF_8)).stream()
        .map(decimal -> decimal.path() + " " + decimal.digits() + " " + decimal.type())
        .toList();
  }

  @Test
  void areFoundWhereverTheyAre() {
    assertThat(found("12.500")).containsExactly("$ 12.500 DECIMAL(5,3)");
    assertThat(found("[1, {\"a\": [0.50]}, -1234567890123456.78]"))
        .containsExactly(
            "$[1].\"a\"[0] 0.50 DECIMAL(2,2)", "$[2] -1234567890123456.78 DECIMAL(18,2)");
    assertThat(
            found("{\"k\\\"1.50\": 3, \"\u00e9\": {\"x\": 99999999999999999999.5}, \"z\": 1.10}"))
        .containsExactly(
            "$.\"\u00e9\".\"x\" 99999999999999999999.5 DECIMAL(21,1)", "$.\"z\" 1.10 DECIMAL(3,2)");
    assertThat(found("{\"a\": \"x, 1.50\", \"b\": [true, null, \"]\", 18446744073709551616]}"))
        .containsExactly("$.\"b\"[3] 18446744073709551616 DECIMAL(20,0)");
    assertThat(found("0.000000000000000001"))
        .containsExactly("$ 0.000000000000000001 DECIMAL(18,18)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0.0",
        "0.1",
        "12.5",
        "1.0",
        "1e20",
        "-2.5e-7",
        "123456789012345.6",
        "0.3333333333333333",
        "1.7976931348623157e308",
        "18446744073709551615",
        "-9223372036854775808",
        "\"12.50\"",
        "{\"12.50\": \"\\\\\"}",
        "[]",
        "",
        "{\"a",
        "-"
      })
  void areNotWhatATextSaysAllOf(String text) {
    assertThat(found(text)).isEmpty();
  }
}

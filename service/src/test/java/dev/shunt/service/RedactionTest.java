package dev.shunt.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {
  @ParameterizedTest
  @CsvSource(
      delimiterString = " -> ",
      value = {
        "mysql://u:geheim@db:3306/shop -> mysql://u:***@db:3306/shop",
        "mysql://u:ge@he/im@db/shop -> mysql://u:***@db/shop",
        "no answer from http://u:geheim@registry:8081; is it there? -> no answer from"
            + " http://u:***@registry:8081; is it there?",
        "jdbc:mysql://db/shop?user=u&password=geheim&sslMode=REQUIRED ->"
            + " jdbc:mysql://db/shop?user=u&password=***&sslMode=REQUIRED",
        "jdbc:mysql://db/shop?Password=geheim -> jdbc:mysql://db/shop?Password=***",
        "mysql://u@db/shop -> mysql://u@db/shop",
        "http://127.0.0.1:8081 -> http://127.0.0.1:8081",
        "Access denied for 'u'@'h' (using password: YES) -> Access denied for 'u'@'h' (using"
            + " password: YES)"
      })
  void hidesPasswordsAndNothingElse(String text, String shown) {
    assertThat(Redaction.of(text)).isEqualTo(shown);
  }

  @Test
  void keepsEveryAddressOfAList() {
    assertThat(Redaction.ofList("http://u:p@a:1,http://u:p@b:2"))
        .isEqualTo("http://u:***@a:1,http://u:***@b:2");
  }
}

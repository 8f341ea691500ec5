package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where people write numbers with other digits SQL is still SQL. */
class LocaleTest {
  @ParameterizedTest
  @ValueSource(strings = {"fa-IR", "ar-EG"})
  void isNotThatOfThePersonWhoStartsIt(String locale) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Duser.language=" + locale.substring(0, 2),
                "-Duser.country=" + locale.substring(3),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.shunt.cli.Shunt",
                "up",
                "--shop=-1")
            .start();

    assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("Error: --shop must be between 100 and 100,000,000, not -1\n");
  }
}

package dev.shunt.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations that are not as they should be, and those that only look so. */
class ConfigEdgesTest {
  enum Side {
    LEFT,
    RIGHT
  }

  record Inner(int number, String text) {}

  record All(
      boolean flag,
      long whole,
      double share,
      Side side,
      List<String> list,
      Map<String, String> map,
      Inner inner,
      Duration time,
      Secret secret,
      String httpURL2Path) {
    All {
      list = List.copyOf(list);
      map = Map.copyOf(map);
    }
  }

  private static final All DEFAULTS =
      new All(
          false,
          7,
          0.5,
          Side.LEFT,
          List.of("a"),
          Map.of("k", "v"),
          new Inner(1, "t"),
          Duration.ofSeconds(90),
          new Secret("geheim"),
          "p");

  @TempDir Path folder;

  private All yaml(String text) throws IOException {
    return ConfigLoader.load(
        DEFAULTS, Files.writeString(folder.resolve("c.yaml"), text), Map.of(), Map.of());
  }

  private static All flag(String key, String value) {
    return ConfigLoader.load(DEFAULTS, null, Map.of(), Map.of(key, value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "flag       | yes          | configuration key flag: 'yes' is not true or false",
        "whole      | 7.5          | configuration key whole: '7.5' is not a whole number",
        "whole      | 9223372036854775808 | configuration key whole: '9223372036854775808' is not a whole number",
        "share      | half         | configuration key share: 'half' is not a number",
        "side       | up           | configuration key side: 'up' is not one of LEFT, RIGHT",
        "list       | a            | configuration key list: 'a' is not a list: write [a, b]",
        "list       | {a: b}       | configuration key list: a mapping is not a list: write [a, b]",
        "map        | [a]          | configuration key map: a list is not a mapping of keys to values: write {key: value}",
        "time       | 5            | configuration key time: not a duration (write 30s, 250ms or 1h30m): '5'",
        "inner.x    | 1            | configuration key inner.x: unknown; the keys here are number, text",
        "outer.x    | 1            | configuration key outer.x: unknown",
        "flag.x     | 1            | configuration key flag.x: unknown",
        "inner      | 5            | configuration key inner: '5' is not a mapping of keys to values: write {key: value}",
        "inner.number | ''         | configuration key inner.number: '' is not a whole number",
      })
  void aWrongValueIsToldByItsKeyAndWhatItShouldBe(String key, String value, String message) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> flag(key, value))
        .withMessage(message);
  }

  @Test
  void aSecretThatIsAMappingIsNotShown() throws IOException {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> yaml("inner: {number: {password: geheim}}\n"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("geheim"))
        .withMessageContaining("inner.number");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> yaml("whole: password=geheim\n"))
        .withMessage("configuration key whole: what is given is not a whole number");
  }

  @Test
  void partsOfAMappingAreGivenOneByOne() throws IOException {
    All loaded = yaml("inner:\n  text: other\nmap:\n  more: x\n");

    assertThat(loaded.inner()).isEqualTo(new Inner(1, "other"));
    assertThat(loaded.map()).isEqualTo(Map.of("k", "v", "more", "x"));
    assertThat(flag("inner", "{number: 9}").inner()).isEqualTo(new Inner(9, "t"));
    assertThat(flag("map", "{k: w}").map()).isEqualTo(Map.of("k", "w"));
    assertThat(flag("map.k", "w").map()).isEqualTo(Map.of("k", "w"));
    assertThat(flag("list", "[]").list()).isEmpty();
  }

  @Test
  void aKeyWithoutAValueIsRefused() {
    for (String text : List.of("whole:\n", "inner:\n", "list: ~\n", "inner:\n  text:\n")) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() -> yaml(text))
          .withMessageEndingWith("has no value; leave it out to have its default");
    }
  }

  @Test
  void aFileThatIsNoMappingIsRefused() throws IOException {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> yaml("- a\n"))
        .withMessage("configuration key (root): expected a mapping");
    assertThat(yaml("# nothing but a comment\n")).isEqualTo(DEFAULTS);
    assertThat(yaml("---\n")).isEqualTo(DEFAULTS);
  }

  @Test
  void namesOfTheEnvironmentAreThoseOfTheKeysInCapitals() {
    All loaded =
        ConfigLoader.load(
            DEFAULTS,
            null,
            Map.of(
                "SHUNT_INNER_NUMBER", "8",
                "SHUNT_HTTP_URL2_PATH", "q",
                "SHUNT_LIST", "[x, y]",
                "SHUNT_UNKNOWN", "1",
                "shunt_whole", "3"),
            Map.of());

    assertThat(loaded.inner().number()).isEqualTo(8);
    assertThat(loaded.list()).containsExactly("x", "y");
    assertThat(loaded.whole()).isEqualTo(7);
    assertThat(loaded.httpURL2Path()).isEqualTo("q");
  }

  @Test
  void defaultsComeBackAsTheyAre() {
    assertThat(ConfigLoader.load(DEFAULTS, null, Map.of(), Map.of())).isEqualTo(DEFAULTS);
    All short1 =
        new All(
            true,
            Long.MIN_VALUE,
            1e-9,
            Side.RIGHT,
            List.of(),
            Map.of(),
            new Inner(0, ""),
            Duration.ofNanos(1_500_001),
            Secret.NONE,
            "");
    assertThat(ConfigLoader.load(short1, null, Map.of(), Map.of())).isEqualTo(short1);
  }
}

package dev.shunt.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  record Sample(
      KafkaSettings kafka, TopoSettings topo, int port, Duration timeout, Secret password) {
    Sample {
      if (port < 0) {
        throw new IllegalArgumentException("port must not be negative");
      }
    }
  }

  private static final Sample DEFAULTS =
      new Sample(
          KafkaSettings.defaults(),
          TopoSettings.defaults(),
          7,
          Duration.ofSeconds(3),
          new Secret("x"));

  @TempDir private Path dir;

  private Path file(String yaml) throws IOException {
    return Files.writeString(dir.resolve("config.yaml"), yaml);
  }

  @Test
  void keepsTheDefaultsOfWhatIsNotSet() throws IOException {
    assertThat(ConfigLoader.load(DEFAULTS, file(""), Map.of(), Map.of())).isEqualTo(DEFAULTS);
  }

  @Test
  void letsFlagsWinOverEnvironmentAndEnvironmentOverFile() throws IOException {
    Path yaml =
        file(
            """
            port: 1
            timeout: 250ms
            kafka:
              bootstrapServers: file:1
              registryUrl: http://file
            """);

    Sample loaded =
        ConfigLoader.load(
            DEFAULTS,
            yaml,
            Map.of("SHUNT_KAFKA_BOOTSTRAP_SERVERS", "env:2", "SHUNT_PORT", "2"),
            Map.of("port", "3", "topo.endpoints", "[http://a:1, http://b:2]"));

    assertThat(loaded.port()).isEqualTo(3);
    assertThat(loaded.timeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(loaded.kafka().bootstrapServers()).isEqualTo("env:2");
    assertThat(loaded.kafka().registryUrl()).isEqualTo("http://file");
    assertThat(loaded.topo().endpoints()).isEqualTo(List.of("http://a:1", "http://b:2"));
  }

  @Test
  void namesAnUnknownKey() throws IOException {
    Path yaml = file("kafka:\n  bootstrap: x\n");

    assertThatThrownBy(() -> ConfigLoader.load(DEFAULTS, yaml, Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("kafka.bootstrap");
  }

  @Test
  void namesAnUnknownFlag() {
    assertThatThrownBy(() -> ConfigLoader.load(DEFAULTS, null, Map.of(), Map.of("prot", "1")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("prot");
  }

  @Test
  void passesOnWhatTheRecordRefuses() {
    assertThatThrownBy(() -> ConfigLoader.load(DEFAULTS, null, Map.of(), Map.of("port", "-1")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("port must not be negative");
  }

  @Test
  void hidesSecrets() {
    assertThat(DEFAULTS.toString()).doesNotContain("password=x");
  }

  @Test
  void pinsTheDefaultsOfKafkaAndTopo() {
    assertThat(KafkaSettings.defaults())
        .isEqualTo(
            new KafkaSettings("127.0.0.1:9092", "http://127.0.0.1:8081", 1, 0, 2500, Map.of()));
    assertThat(TopoSettings.defaults())
        .isEqualTo(
            new TopoSettings("etcd", List.of("http://127.0.0.1:2379"), "/vitess/global", ""));
  }

  @Test
  void boundsTheNumberOfPartitions() {
    for (String number : List.of("-1", "1025")) {
      assertThatThrownBy(
              () -> ConfigLoader.load(DEFAULTS, null, Map.of(), Map.of("kafka.partitions", number)))
          .isInstanceOf(ConfigException.class)
          .hasMessageEndingWith(
              "kafka.partitions must be 1 to 1024, or 0 for as many as the cluster has");
    }
    for (int number : new int[] {0, 1, 1024}) {
      assertThat(
              ConfigLoader.load(
                      DEFAULTS, null, Map.of("SHUNT_KAFKA_PARTITIONS", "" + number), Map.of())
                  .kafka()
                  .partitions())
          .isEqualTo(number);
    }
  }

  @Test
  void readsDurationsAsGoWritesThem() {
    assertThat(Durations.parse("1h0m0s")).isEqualTo(Duration.ofHours(1));
    assertThat(Durations.parse("1.5s")).isEqualTo(Duration.ofMillis(1500));
    assertThat(Durations.parse("0")).isEqualTo(Duration.ZERO);
    assertThatThrownBy(() -> Durations.parse("soon")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void takesPasswordsAsTheyAre() {
    for (String password : List.of("[geheim", "{geheim}", "[a, b]")) {
      assertThat(
              ConfigLoader.load(DEFAULTS, null, Map.of("SHUNT_PASSWORD", password), Map.of())
                  .password()
                  .reveal())
          .isEqualTo(password);
      assertThat(
              ConfigLoader.load(DEFAULTS, null, Map.of(), Map.of("password", password))
                  .password()
                  .reveal())
          .isEqualTo(password);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0123", "1_000", "1e3", "0x1F", "True", "0b11", "1.50", "+7", "12:30"})
  void takesTextsOfAFileAsTheyAreWritten(String text) throws IOException {
    Path yaml = file("password: %s\ntopo: {endpoints: [%s]}\n".formatted(text, text));

    Sample loaded = ConfigLoader.load(DEFAULTS, yaml, Map.of(), Map.of());

    assertThat(loaded.password().reveal()).isEqualTo(text);
    assertThat(loaded.topo().endpoints()).containsExactly(text);
    assertThat(
            ConfigLoader.load(DEFAULTS, null, Map.of(), Map.of("topo.endpoints", "[" + text + "]"))
                .topo()
                .endpoints())
        .containsExactly(text);
  }

  @Test
  void readsNumbersOfAFileAsThoseOfFlags() throws IOException {
    assertThat(ConfigLoader.load(DEFAULTS, file("port: 0012\n"), Map.of(), Map.of()).port())
        .isEqualTo(12);
    assertThatThrownBy(() -> ConfigLoader.load(DEFAULTS, file("port: 1.5\n"), Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("configuration key port: '1.5' is not a whole number");
  }

  @Test
  void neverRepeatsWhatStandsInABrokenFile() {
    assertThatThrownBy(() ->
            ConfigLoader.load(DEFAULTS, file("port: 1\npassword: \"geheim\n"), Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("config.yaml: line ")
        .hasNoCause()
        .message()
        .doesNotContain("geheim");
    assertThatThrownBy(() ->
            ConfigLoader.load(
                DEFAULTS, null, Map.of(), Map.of("kafka.properties", "{sasl: [geheim")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("kafka.properties")
        .hasNoCause()
        .message()
        .doesNotContain("geheim");
  }

  @Test
  void printsNoSecretsOfKafka() {
    assertThat(
            new KafkaSettings(
                "h:1", "http://u:geheim@r", 1, 0, 2500, Map.of("ssl.key.password", "geheim")))
        .asString()
        .contains("ssl.key.password", "http://u:***@r")
        .doesNotContain("geheim");
  }
}

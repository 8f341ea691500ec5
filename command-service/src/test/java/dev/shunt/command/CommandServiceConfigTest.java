package dev.shunt.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.service.ConfigLoader;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.TopoSettings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandServiceConfigTest {
  @Test
  void hasTheseDefaults() {
    CommandServiceConfig config =
        ConfigLoader.load(CommandServiceConfig.defaults(), null, Map.of(), Map.of());

    assertThat(config)
        .isEqualTo(
            new CommandServiceConfig(
                "127.0.0.1",
                15999,
                15080,
                KafkaSettings.defaults(),
                TopoSettings.defaults(),
                false,
                Duration.ofHours(1)));
  }

  @Test
  void refusesAPortThatIsNone() {
    assertThatThrownBy(() ->
            ConfigLoader.load(
                CommandServiceConfig.defaults(), null, Map.of(), Map.of("grpcPort", "70000")))
        .hasMessageContaining("grpcPort must be 0 to 65535");
  }
}

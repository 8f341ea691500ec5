package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.shunt.service.ConfigException;
import dev.shunt.service.ConfigLoader;
import dev.shunt.service.Secret;
import dev.shunt.service.TopoSettings;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TabletConfigTest {
  @Test
  void hasTheseDefaults() {
    assertThat(TabletConfig.defaults(100, "commerce", "0"))
        .isEqualTo(
            new TabletConfig(
                "zone1",
                100,
                "commerce",
                "0",
                "primary",
                "vt_commerce",
                false,
                "127.0.0.1",
                0,
                0,
                "127.0.0.1",
                3306,
                "",
                "root",
                Secret.NONE,
                TlsSettings.preferred(),
                32,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ZERO,
                ThrottlerSettings.off(),
                TopoSettings.defaults()));
  }

  @Test
  void isReadFromFlags() {
    TabletConfig config =
        ConfigLoader.load(
            TabletConfig.defaults(100, "commerce", "0"),
            null,
            Map.of("SHUNT_MYSQL_SOCKET", "/run/mysqld/mysqld.sock"),
            Map.of("tabletType", "replica", "grpcPort", "15100", "mysqlPassword", "geheim"));
    assertThat(config.mysqlSocket()).isEqualTo("/run/mysqld/mysqld.sock");
    assertThat(config.type()).isEqualTo(Topodata.TabletType.REPLICA);
    assertThat(config.identity().aliasText()).isEqualTo("zone1-0000000100");
    assertThat(config.toString()).doesNotContain("geheim");
  }

  @Test
  void namesTheKeyThatIsWrong() {
    for (Map<String, String> flags :
        List.of(
            Map.of("uid", "0"),
            Map.of("keyspace", " "),
            Map.of("tabletType", "boss"),
            Map.of("grpcPort", "70000"),
            Map.of("httpPort", "-1"),
            Map.of("mysqlSocket", "  "),
            Map.of("poolSize", "0"),
            Map.of("transactionTimeout", "0s"),
            Map.of("throttler.lagSeconds", "-1"))) {
      assertThatExceptionOfType(ConfigException.class)
          .isThrownBy(() ->
              ConfigLoader.load(TabletConfig.defaults(100, "commerce", "0"), null, Map.of(), flags))
          .withMessageContaining(flags.keySet().iterator().next());
    }
  }
}

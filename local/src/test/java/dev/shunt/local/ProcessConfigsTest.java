package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.service.KafkaSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessConfigsTest {
  private static final MysqlEndpoint DATABASE =
      new MysqlEndpoint("127.0.0.1", 3307, "u", Password.of("p"), "vt_shop");

  private static Object socketOf(MysqlEndpoint database) {
    return new ProcessConfigs(
            Path.of("unused"), "zone1", KafkaSettings.defaults(), List.of("http://etcd:2379"))
        .tablet(new Layout.Place(100, "shop", "0"), database, true, 0)
        .get("mysqlSocket");
  }

  @Test
  void aServiceIsGivenTheNumberOfPartitions() {
    ProcessConfigs configs =
        new ProcessConfigs(
            Path.of("unused"),
            "zone1",
            KafkaSettings.defaults().at("h:1", "http://r").withPartitions(4),
            List.of("http://etcd:2379"));

    assertThat(configs.service("copy", "copy-0").get("kafka"))
        .isEqualTo(Map.of("bootstrapServers", "h:1", "registryUrl", "http://r", "partitions", 4));
  }

  @Test
  void aTabletIsGivenTheSocketOfItsDatabase() {
    assertThat(socketOf(DATABASE.withSocket("/run/my.sock"))).isEqualTo("/run/my.sock");
    assertThat(socketOf(DATABASE)).as("over TCP").isEqualTo("");
  }
}

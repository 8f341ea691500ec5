package dev.shunt.cli.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.service.ConfigLoader;
import dev.shunt.tablet.TabletConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TabletFactoryTest {
  private static TabletConfig config(Map<String, String> flags) {
    return TabletFactory.named(ConfigLoader.load(TabletFactory.NAMELESS, null, Map.of(), flags));
  }

  @Test
  void knowsEveryService() {
    assertThat(ServiceCommand.names())
        .containsExactly(
            "broker",
            "command",
            "copy",
            "switcher",
            "tablet",
            "topo-watcher",
            "vdiff",
            "workflow-state");
  }

  @Test
  void namesTheDatabaseAfterTheKeyspaceThatIsConfigured() {
    TabletConfig config = config(Map.of("uid", "200", "keyspace", "customer", "shard", "-80"));

    assertThat(config).isEqualTo(TabletConfig.defaults(200, "customer", "-80"));
    assertThat(config.database()).isEqualTo("vt_customer");
  }

  @Test
  void refusesATabletWithoutANumberKeyspaceOrShard() {
    assertThatThrownBy(() -> config(Map.of()))
        .hasMessage("configuration key uid: give the tablet a number");
    assertThatThrownBy(() -> config(Map.of("uid", "1")))
        .hasMessage("configuration key keyspace: name the keyspace");
    assertThatThrownBy(() -> config(Map.of("uid", "1", "keyspace", "k")))
        .hasMessage("configuration key shard: name the shard");
  }
}

package dev.shunt.cli.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.tablet.TabletConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TabletProcessTest {
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
    TabletConfig config =
        TabletProcess.config(
            null, Map.of(), Map.of("uid", "200", "keyspace", "customer", "shard", "-80"));

    assertThat(config).isEqualTo(TabletConfig.defaults(200, "customer", "-80"));
    assertThat(config.database()).isEqualTo("vt_customer");
  }

  @Test
  void refusesATabletWithoutANumberKeyspaceOrShard() {
    assertThatThrownBy(() -> TabletProcess.config(null, Map.of(), Map.of()))
        .hasMessage("configuration key uid: give the tablet a number");
    assertThatThrownBy(() -> TabletProcess.config(null, Map.of(), Map.of("uid", "1")))
        .hasMessage("configuration key keyspace: name the keyspace");
    assertThatThrownBy(
            () -> TabletProcess.config(null, Map.of(), Map.of("uid", "1", "keyspace", "k")))
        .hasMessage("configuration key shard: name the shard");
  }
}

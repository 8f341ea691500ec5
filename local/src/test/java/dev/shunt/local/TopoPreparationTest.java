package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.shunt.topo.Topo;
import dev.shunt.topo.Topos;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema;

class TopoPreparationTest {
  @TempDir Path directory;
  private Topo topo;

  @BeforeEach
  void open() {
    topo = Topos.local(directory);
  }

  @AfterEach
  void close() {
    topo.close();
  }

  private void prepare(String... shards) {
    TopoPreparation.ensureCell(
        topo, ClusterOptions.in(directory).withLayout(Layout.named(List.of(shards))));
  }

  private Vschema.Keyspace vschema(String keyspace) {
    return topo.vschema(keyspace).orElseThrow().value();
  }

  @Test
  void saysOfKeyspacesWhetherTheyAreSharded() {
    prepare("old/0", "new/-80", "new/80-", "single/-");

    assertThat(topo.keyspaces()).containsExactlyInAnyOrder("old", "new", "single");
    assertThat(topo.shards("new").keySet()).containsExactly("-80", "80-");
    assertThat(vschema("new")).isEqualTo(Vschema.Keyspace.newBuilder().setSharded(true).build());
    assertThat(vschema("old")).isEqualTo(Vschema.Keyspace.getDefaultInstance());
    assertThat(vschema("single")).isEqualTo(Vschema.Keyspace.getDefaultInstance());
    assertThat(topo.srvVSchema("zone1").orElseThrow().value().getKeyspacesOrThrow("new"))
        .isEqualTo(vschema("new"));
  }

  @Test
  void leavesAVSchemaThatIsThere() {
    prepare("new/-80", "new/80-");
    Vschema.Keyspace given =
        Vschema.Keyspace.newBuilder()
            .setSharded(true)
            .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build())
            .build();
    topo.saveVSchema("new", given);

    prepare("new/80-", "new/-80", "old/0");

    assertThat(vschema("new")).isEqualTo(given);
  }

  @Test
  void makesShardsToMoveToThatServeNothing() {
    prepare("new/0");

    prepare("new/0", "new/-80", "new/80-");

    assertThat(topo.shards("new").keySet()).containsExactlyInAnyOrder("0", "-80", "80-");
    assertThat(topo.shards("new").values())
        .extracting(shard -> shard.value().getIsPrimaryServing())
        .containsExactlyInAnyOrder(true, false, false);
    assertThat(vschema("new").getSharded()).isFalse();
  }

  @Test
  void refusesShardsThatOverlapThoseThatAreThere() {
    prepare("new/0");

    assertThatIllegalStateException()
        .isThrownBy(() -> prepare("another/0", "new/-80", "new/80-"))
        .withMessageContaining("keyspace new has shard 0")
        .withMessageContaining("overlaps -80");
    assertThat(topo.keyspaces()).containsExactly("new");
    assertThat(topo.shards("new").keySet()).containsExactly("0");
  }
}

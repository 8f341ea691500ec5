package dev.shunt.topowatcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.Topics;
import dev.shunt.schemas.TopoChange;
import dev.shunt.topo.TopoEvent;
import io.vitess.proto.Topodata;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopoChangesTest {
  private static final byte[] SHARD =
      Topodata.Shard.newBuilder()
          .setIsPrimaryServing(true)
          .setPrimaryAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(100))
          .build()
          .toByteArray();
  private static final String PATH = "keyspaces/commerce/shards/0/Shard";
  private static final TopoChange CHANGE =
      new TopoChange(
          "global",
          PATH,
          "topodata.Shard",
          "{\"primary_alias\":{\"cell\":\"zone1\",\"uid\":100},\"is_primary_serving\":true}",
          false,
          7,
          1000);

  @Test
  void aRecordIsWrittenAsJsonOfItsKind() {
    TopoChanges changes = new TopoChanges(Map.of());

    assertThat(changes.accept(new TopoEvent("global", PATH, SHARD, 7), 1000))
        .containsExactly(new RelayRecord(Topics.TOPO, "global:" + PATH, CHANGE));
  }

  @Test
  void whatTheTopicHoldsIsNotWrittenAgain() {
    TopoChanges changes = new TopoChanges(Map.of("global:" + PATH, CHANGE));

    assertThat(changes.accept(new TopoEvent("global", PATH, SHARD, 7), 2000)).isEmpty();
    assertThat(changes.accept(new TopoEvent("global", PATH, SHARD, 8), 2000)).hasSize(1);
  }

  @Test
  void aDeletionIsARecordAndATombstone() {
    TopoChanges changes = new TopoChanges(Map.of("global:" + PATH, CHANGE));

    List<RelayRecord> records = changes.accept(new TopoEvent("global", PATH, null, 9), 2000);

    assertThat(records)
        .containsExactly(
            new RelayRecord(
                Topics.TOPO,
                "global:" + PATH,
                new TopoChange("global", PATH, "topodata.Shard", "", true, 9, 2000)),
            new RelayRecord(Topics.TOPO, "global:" + PATH, null));
    assertThat(changes.accept(new TopoEvent("global", PATH, null, 9), 2000)).isEmpty();
  }

  @Test
  void whatVanishedMeanwhileIsDeletedOnceItsCellIsSynced() {
    TopoChanges changes = new TopoChanges(Map.of("global:" + PATH, CHANGE));
    assertThat(changes.synced("zone1", 2000)).isEmpty();

    List<RelayRecord> records = changes.synced("global", 2000);

    assertThat(records).hasSize(2);
    assertThat(records.getFirst().value())
        .isEqualTo(new TopoChange("global", PATH, "topodata.Shard", "", true, 7, 2000));
    assertThat(changes.synced("global", 3000)).isEmpty();
  }

  @Test
  void aCellThatIsGoneTakesItsRecordsAlong() {
    TopoChanges changes = new TopoChanges(Map.of());
    byte[] tablet = Topodata.Tablet.newBuilder().setHostname("h").build().toByteArray();
    assertThat(
            changes.accept(
                new TopoEvent("zone1", "tablets/zone1-0000000001/Tablet", tablet, 3), 1000))
        .hasSize(1);
    assertThat(changes.synced("zone1", 1000)).isEmpty();

    assertThat(changes.cellGone("zone1", 2000))
        .extracting(RelayRecord::key)
        .containsOnly("zone1:tablets/zone1-0000000001/Tablet");
  }

  @Test
  void forgetsWhatIsDeleted() {
    TopoChanges changes = new TopoChanges(Map.of());
    for (int i = 0; i < 1000; i++) {
      String path = "keyspaces/k" + i + "/shards/0/Shard";
      assertThat(changes.accept(new TopoEvent("global", path, SHARD, 1), 1000)).hasSize(1);
    }
    assertThat(changes.present()).isEqualTo(1000);

    for (int i = 0; i < 1000; i++) {
      String path = "keyspaces/k" + i + "/shards/0/Shard";
      assertThat(changes.accept(new TopoEvent("global", path, null, 2), 1000)).hasSize(2);
    }

    assertThat(changes.present()).isZero();
    assertThat(changes.synced("global", 1000)).isEmpty();
  }

  @Test
  void whatIsNoRecordOfVitessIsPassedOver() {
    TopoChanges changes = new TopoChanges(Map.of());

    assertThat(changes.accept(new TopoEvent("global", "metadata/x", new byte[] {1}, 3), 0))
        .isEmpty();
  }
}

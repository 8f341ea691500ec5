package dev.shunt.workflow.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import io.vitess.proto.Topodata.Shard;
import io.vitess.proto.Topodata.Shard.TabletControl;
import io.vitess.proto.Topodata.TabletType;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import vschema.Vschema.RoutingRule;
import vschema.Vschema.RoutingRules;
import vschema.Vschema.SrvVSchema;

class RoutingTest {
  private static final TableMigration MOVE = new TableMigration("S", "T", List.of("t"));
  private static final RoutingRules NONE = RoutingRules.getDefaultInstance();

  private final RoutingRules created = TableRouting.created(NONE, MOVE);
  private final RoutingRules readsSwitched =
      TableRouting.readsSwitched(created, MOVE, EnumSet.allOf(ReadType.class));
  private final RoutingRules writesSwitched = TableRouting.writesSwitched(readsSwitched, MOVE);

  @Test
  void createsNineRulesToTheSource() {
    assertThat(map(created))
        .containsOnlyKeys(
            "t",
            "t@replica",
            "t@rdonly",
            "S.t",
            "S.t@replica",
            "S.t@rdonly",
            "T.t",
            "T.t@replica",
            "T.t@rdonly")
        .allSatisfy((from, to) -> assertThat(to).isEqualTo("S.t"));
  }

  @Test
  void switchesReadsOfAllThreeNames() {
    assertThat(map(readsSwitched))
        .containsEntry("t@replica", "T.t")
        .containsEntry("S.t@rdonly", "T.t")
        .containsEntry("T.t@replica", "T.t")
        .containsEntry("t", "S.t")
        .hasSize(9);
  }

  @Test
  void switchesWritesAndDropsTheTargetsRule() {
    assertThat(map(writesSwitched))
        .containsEntry("t", "T.t")
        .containsEntry("S.t", "T.t")
        .doesNotContainKey("T.t")
        .hasSize(8);
  }

  @Test
  void switchesWritesBackAsTheReverseWorkflowSeesIt() {
    assertThat(map(TableRouting.writesSwitched(writesSwitched, MOVE.reversed())))
        .containsEntry("t", "S.t")
        .containsEntry("T.t", "S.t")
        .doesNotContainKey("S.t");
  }

  @Test
  void leavesRulesOfOtherTablesAlone() {
    RoutingRules other =
        RoutingRules.newBuilder()
            .addRules(RoutingRule.newBuilder().setFromTable("x").addToTables("S.x"))
            .build();

    RoutingRules through = TableRouting.created(other, MOVE);

    assertThat(map(through)).hasSize(10).containsEntry("x", "S.x");
    assertThat(TableRouting.removed(through, MOVE)).isEqualTo(other);
  }

  @Test
  void changesNothingTheSecondTime() {
    assertThat(TableRouting.created(created, MOVE)).isEqualTo(created);
    assertThat(TableRouting.writesSwitched(writesSwitched, MOVE)).isEqualTo(writesSwitched);
  }

  @Test
  void tellsTablesThatStillLeadToTheSource() {
    assertThat(TableRouting.stillRoutedToSource(readsSwitched, MOVE)).containsExactly("t");
    assertThat(TableRouting.stillRoutedToSource(writesSwitched, MOVE)).isEmpty();
  }

  @Test
  void derivesTheTrafficStateInWordsOfVitess() {
    assertThat(state(created, created)).isEqualTo("Reads Not Switched. Writes Not Switched");
    assertThat(state(readsSwitched, readsSwitched))
        .isEqualTo("All Reads Switched. Writes Not Switched");
    assertThat(state(writesSwitched, writesSwitched))
        .isEqualTo("All Reads Switched. Writes Switched");
    assertThat(state(readsSwitched, created))
        .isEqualTo(
            "Reads partially switched. Replica switched in cells: zone1. Rdonly switched in cells:"
                + " zone1. Writes Not Switched");
    RoutingRules replicaOnly =
        TableRouting.readsSwitched(created, MOVE, EnumSet.of(ReadType.REPLICA));
    assertThat(state(replicaOnly, replicaOnly))
        .isEqualTo(
            "Reads partially switched. All Replica Reads Switched. Rdonly not switched. Writes Not"
                + " Switched");
    RoutingRules reversed = TableRouting.writesSwitched(writesSwitched, MOVE.reversed());
    assertThat(state(reversed, reversed)).isEqualTo("All Reads Switched. Writes Not Switched");
    assertThat(state(NONE, NONE)).isEqualTo("Reads Not Switched. Writes Not Switched");
  }

  private static String state(RoutingRules zone1, RoutingRules zone2) {
    return TrafficState.of(
            MOVE,
            Map.of(
                "zone1",
                SrvVSchema.newBuilder().setRoutingRules(zone1).build(),
                "zone2",
                SrvVSchema.newBuilder().setRoutingRules(zone2).build()),
            zone1)
        .text();
  }

  @Test
  void tellsTheRulesThatLeadElsewhere() {
    assertThat(TableRouting.elsewhere(created, MOVE, Set.of("S"))).isEmpty();
    assertThat(TableRouting.elsewhere(writesSwitched, MOVE, Set.of("S", "T"))).isEmpty();
    assertThat(
            TableRouting.elsewhere(
                writesSwitched, new TableMigration("S", "U", List.of("t")), Set.of("S")))
        .containsOnlyKeys("t")
        .containsEntry(
            "t",
            Set.of(
                "rule t to T.t",
                "rule t@replica to T.t",
                "rule t@rdonly to T.t",
                "rule S.t to T.t",
                "rule S.t@replica to T.t",
                "rule S.t@rdonly to T.t"));
  }

  @Test
  void removesTheRulesOfTheTargetsOwnName() {
    assertThat(map(TableRouting.removedAtTarget(created, MOVE)))
        .containsOnlyKeys("t", "t@replica", "t@rdonly", "S.t", "S.t@replica", "S.t@rdonly");
  }

  @Test
  void deniesTheSortedUnion() {
    Shard shard = DeniedTables.denied(Shard.getDefaultInstance(), List.of("b"));

    Shard more = DeniedTables.denied(shard, List.of("c", "a", "b"));

    assertThat(DeniedTables.of(more)).containsExactly("a", "b", "c");
    assertThat(more.getTabletControlsCount()).isEqualTo(1);
    assertThat(DeniedTables.denied(more, List.of("a"))).isEqualTo(more);
  }

  @Test
  void allowsAgainAndKeepsWhatIsNotItsOwn() {
    TabletControl replica =
        TabletControl.newBuilder().setTabletType(TabletType.REPLICA).addCells("zone1").build();
    Shard before = Shard.newBuilder().setIsPrimaryServing(true).addTabletControls(replica).build();

    Shard denied = DeniedTables.denied(before, List.of("a", "b"));

    assertThat(DeniedTables.of(DeniedTables.allowed(denied, List.of("a")))).containsExactly("b");
    assertThat(DeniedTables.allowed(denied, List.of("a", "b", "missing"))).isEqualTo(before);
  }

  private static Map<String, String> map(RoutingRules rules) {
    Map<String, String> map = new TreeMap<>();
    rules.getRulesList().forEach(rule -> map.put(rule.getFromTable(), rule.getToTables(0)));
    return map;
  }
}

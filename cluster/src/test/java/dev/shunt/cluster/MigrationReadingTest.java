package dev.shunt.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.VReplicationWorkflowSubType;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.workflow.migration.Materialization;
import dev.shunt.workflow.migration.Migration;
import dev.shunt.workflow.migration.OtherMigration;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationReadingTest {
  private static Migration read(int type, int subType, String options) {
    return MigrationReading.of(
        "S", "T", List.of("b", "a"), List.of("0"), List.of("80-", "-80"), type, subType, options);
  }

  private static Migration read(VReplicationWorkflowType type) {
    return read(type.getNumber(), 0, "{}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"tenant_id\":\"\"}", "{\"config\":{\"a\":\"tenant_id\"}}"})
  void tablesBetweenKeyspacesAreSwitchable(String options) {
    assertThat(
            read(
                VReplicationWorkflowType.MoveTables_VALUE,
                VReplicationWorkflowSubType.AtomicCopy_VALUE,
                options))
        .isEqualTo(new TableMigration("S", "T", List.of("a", "b")));
  }

  @Test
  void tablesOfSomeShardsOrTenantsAreNot() {
    int tables = VReplicationWorkflowType.MoveTables_VALUE;
    assertThat(read(tables, VReplicationWorkflowSubType.Partial_VALUE, "{}"))
        .isEqualTo(new OtherMigration("S", "T", "MoveTables of some shards only"));
    assertThat(read(tables, 0, "{\"tenant_id\":\"7\"}"))
        .isEqualTo(new OtherMigration("S", "T", "MoveTables of one tenant"));
    assertThat(read(tables, 0, "{\"tenant_id\":\"7")).isInstanceOf(OtherMigration.class);
  }

  @Test
  void whatIsNoMoveOfTablesIsReadAsWhatItIs() {
    assertThat(read(VReplicationWorkflowType.Reshard))
        .as("between keyspaces")
        .isEqualTo(new OtherMigration("S", "T", "Reshard"));
    assertThat(read(VReplicationWorkflowType.Materialize))
        .isEqualTo(new Materialization("S", "T", "Materialize"));
    assertThat(read(VReplicationWorkflowType.CreateLookupIndex))
        .isEqualTo(new Materialization("S", "T", "CreateLookupIndex"));
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"MoveTables", "UNRECOGNIZED"})
  void nothingElseIsSwitchable(VReplicationWorkflowType type) {
    assertThat(read(type)).isNotInstanceOf(SwitchableMigration.class);
  }

  @Test
  void aTypeThatIsNotKnownIsNotSwitchable() {
    assertThat(read(77, 0, "{}"))
        .isEqualTo(new OtherMigration("S", "T", "workflow of the unknown type 77"));
  }

  @Test
  void shardsWithinAKeyspaceAreSwitchable() {
    assertThat(reshard(List.of("0"), List.of("80-", "-80", "80-")))
        .isEqualTo(new ShardMigration("T", List.of("0"), List.of("-80", "80-")));
    assertThat(reshard(List.of("0", "-80"), List.of("80-", "-80")))
        .as("with a shard on both sides")
        .isEqualTo(new OtherMigration("T", "T", "Reshard"));
  }

  private static Migration reshard(List<String> from, List<String> to) {
    return MigrationReading.of(
        "T", "T", List.of("/.*"), from, to, VReplicationWorkflowType.Reshard_VALUE, 0, "{}");
  }
}

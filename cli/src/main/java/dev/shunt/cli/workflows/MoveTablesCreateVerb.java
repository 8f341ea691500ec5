package dev.shunt.cli.workflows;

import binlogdata.Binlogdata.OnDDLAction;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code movetables … create}. */
@Command(name = "create", description = "Creates a workflow that copies tables.")
final class MoveTablesCreateVerb extends WorkflowVerb {
  @Mixin CreateOptions create = new CreateOptions();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    check();
    List<String> cells = create.cells;
    if (create.allCells) {
      cells =
          vtctld
              .getCellInfoNames(Vtctldata.GetCellInfoNamesRequest.getDefaultInstance())
              .getNamesList();
    }
    Vtctldata.WorkflowStatusResponse answer = vtctld.moveTablesCreate(request(cells));
    print(answer, StatusText.of(keyspace(), workflow(), answer));
  }

  private Vtctldata.MoveTablesCreateRequest request(List<String> cells) {
    return Vtctldata.MoveTablesCreateRequest.newBuilder()
        .setWorkflow(workflow())
        .setSourceKeyspace(create.sourceKeyspace)
        .setTargetKeyspace(keyspace())
        .addAllCells(cells.stream().map(String::strip).toList())
        .addAllTabletTypes(create.tabletTypes())
        .setTabletSelectionPreference(
            create.inOrder ? TabletSelectionPreference.INORDER : TabletSelectionPreference.ANY)
        .addAllSourceShards(create.sourceShards)
        .setAllTables(create.allTables)
        .addAllIncludeTables(create.tables)
        .addAllExcludeTables(create.excludeTables)
        .setSourceTimeZone(create.sourceTimeZone)
        .setOnDdl(create.onDdl.toUpperCase(Locale.ROOT))
        .setStopAfterCopy(create.stopAfterCopy)
        .setDeferSecondaryKeys(create.deferSecondaryKeys)
        .setAutoStart(create.autoStart)
        .setNoRoutingRules(create.noRoutingRules)
        .setAtomicCopy(create.atomicCopy)
        .setWorkflowOptions(
            Vtctldata.WorkflowOptions.newBuilder()
                .setTenantId(create.tenantId)
                .setShardedAutoIncrementHandling(
                    Vtctldata.ShardedAutoIncrementHandling.valueOf(
                        create.autoIncrement.toUpperCase(Locale.ROOT)))
                .addAllShards(create.shards)
                .putAllConfig(create.configOverrides)
                .setGlobalKeyspace(create.globalKeyspace))
        .build();
  }

  private void check() {
    require("source-keyspace", create.sourceKeyspace);
    if (create.tables.isEmpty() && !create.allTables) {
      throw refuse("tables or all-tables are required to specify which tables to move");
    }
    if (!create.cells.isEmpty() && create.allCells) {
      throw refuse("cannot specify both --cells and --all-cells");
    }
    if (unknown(OnDDLAction.values(), create.onDdl)) {
      throw refuse("invalid on-ddl value: " + create.onDdl);
    }
    if (unknown(Vtctldata.ShardedAutoIncrementHandling.values(), create.autoIncrement)) {
      throw refuse("invalid sharded-auto-increment-handling value: " + create.autoIncrement);
    }
    if (create.atomicCopy
        && (!create.allTables || !create.tables.isEmpty() || !create.excludeTables.isEmpty())) {
      throw refuse("atomic-copy needs all-tables, without tables and exclude-tables");
    }
    if (!create.shards.isEmpty() && create.tenantId.isEmpty()) {
      throw refuse("shards can only be specified with tenant-id");
    }
    if (!create.tenantId.isEmpty() && !create.sourceShards.isEmpty()) {
      throw refuse("tenant-id and source-shards cannot be specified together");
    }
  }

  static boolean unknown(Enum<?>[] values, String text) {
    String name = text.toUpperCase(Locale.ROOT);
    return name.equals("UNRECOGNIZED")
        || Arrays.stream(values).noneMatch(value -> value.name().equals(name));
  }
}

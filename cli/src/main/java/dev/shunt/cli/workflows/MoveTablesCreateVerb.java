package dev.shunt.cli.workflows;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code movetables … create}. */
@Command(name = "create", description = "Creates a workflow that copies tables.")
final class MoveTablesCreateVerb extends WorkflowVerb {
  @Mixin CreateOptions create = new CreateOptions();
  @Mixin StreamOptions streams = new StreamOptions();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    check();
    Vtctldata.WorkflowStatusResponse answer =
        vtctld.moveTablesCreate(request(streams.cells(vtctld)));
    print(answer, StatusText.of(keyspace(), workflow(), answer));
  }

  private Vtctldata.MoveTablesCreateRequest request(List<String> cells) {
    return Vtctldata.MoveTablesCreateRequest.newBuilder()
        .setWorkflow(workflow())
        .setSourceKeyspace(create.sourceKeyspace)
        .setTargetKeyspace(keyspace())
        .addAllCells(cells)
        .addAllTabletTypes(streams.tabletTypes())
        .setTabletSelectionPreference(streams.preference())
        .addAllSourceShards(create.sourceShards)
        .setAllTables(create.allTables)
        .addAllIncludeTables(create.tables)
        .addAllExcludeTables(create.excludeTables)
        .setSourceTimeZone(create.sourceTimeZone)
        .setOnDdl(streams.onDdl())
        .setStopAfterCopy(streams.stopAfterCopy)
        .setDeferSecondaryKeys(streams.deferSecondaryKeys)
        .setAutoStart(streams.autoStart)
        .setNoRoutingRules(create.noRoutingRules)
        .setAtomicCopy(create.atomicCopy)
        .setWorkflowOptions(
            Vtctldata.WorkflowOptions.newBuilder()
                .setTenantId(create.tenantId)
                .setShardedAutoIncrementHandling(
                    Vtctldata.ShardedAutoIncrementHandling.valueOf(
                        create.autoIncrement.toUpperCase(Locale.ROOT)))
                .addAllShards(create.shards)
                .putAllConfig(streams.configOverrides)
                .setGlobalKeyspace(create.globalKeyspace))
        .build();
  }

  private void check() {
    require("source-keyspace", create.sourceKeyspace);
    if (create.tables.isEmpty() && !create.allTables) {
      throw refuse("tables or all-tables are required to specify which tables to move");
    }
    streams
        .mistake()
        .ifPresent(mistake -> {
          throw refuse(mistake);
        });
    if (!StreamOptions.isOneOf(
        Vtctldata.ShardedAutoIncrementHandling.values(), create.autoIncrement)) {
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
}

package dev.shunt.cli.workflows;

import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.cli.vtctld.TabletTypeConverter;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code reshard … create}, with vtctldclient's flags and defaults. */
@Command(name = "create", description = "Creates a workflow that copies shards to others.")
final class ReshardCreateVerb extends WorkflowVerb {
  @Option(
      names = {"-a", "--all-cells"},
      arity = "0..1",
      fallbackValue = "true",
      description = "Copy from tablets of any cell.")
  boolean allCells;

  @Option(
      names = "--auto-start",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Start the workflow after creating it (default: true).")
  boolean autoStart = true;

  @Option(
      names = {"-c", "--cells"},
      split = ",",
      description = "Cells to copy from.")
  List<String> cells = new ArrayList<>();

  @Option(names = "--config-overrides", split = ",", description = "Settings as key=value.")
  Map<String, String> configOverrides = new LinkedHashMap<>();

  @Option(
      names = "--defer-secondary-keys",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Add secondary keys after the rows are copied (default: true).")
  boolean deferSecondaryKeys = true;

  @Option(
      names = "--on-ddl",
      defaultValue = "IGNORE",
      description = "IGNORE, STOP, EXEC or EXEC_IGNORE (default: ${DEFAULT-VALUE}).")
  String onDdl = "IGNORE";

  @Option(
      names = "--skip-schema-copy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Make no tables on the target shards: they have all of them.")
  boolean skipSchemaCopy;

  @Option(names = "--source-shards", split = ",", description = "Shards to move rows from.")
  List<String> sourceShards = new ArrayList<>();

  @Option(
      names = "--stop-after-copy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Stop once the rows are copied.")
  boolean stopAfterCopy;

  @Option(
      names = "--tablet-types",
      split = ",",
      converter = TabletTypeConverter.class,
      description = "Types of tablets to copy from (default: REPLICA,PRIMARY).")
  @Nullable List<TabletType> tabletTypes;

  @Option(
      names = "--tablet-types-in-preference-order",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Prefer the types in that order (default: true).")
  boolean inOrder = true;

  @Option(names = "--target-shards", split = ",", description = "Shards to move rows to.")
  List<String> targetShards = new ArrayList<>();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    check();
    List<String> from =
        allCells
            ? vtctld
                .getCellInfoNames(Vtctldata.GetCellInfoNamesRequest.getDefaultInstance())
                .getNamesList()
            : cells;
    Vtctldata.WorkflowStatusResponse answer = vtctld.reshardCreate(request(from));
    print(answer, StatusText.of(keyspace(), workflow(), answer));
  }

  private Vtctldata.ReshardCreateRequest request(List<String> from) {
    return Vtctldata.ReshardCreateRequest.newBuilder()
        .setWorkflow(workflow())
        .setKeyspace(keyspace())
        .addAllSourceShards(sourceShards)
        .addAllTargetShards(targetShards)
        .addAllCells(from.stream().map(String::strip).toList())
        .addAllTabletTypes(
            tabletTypes == null ? List.of(TabletType.REPLICA, TabletType.PRIMARY) : tabletTypes)
        .setTabletSelectionPreference(
            inOrder ? TabletSelectionPreference.INORDER : TabletSelectionPreference.ANY)
        .setSkipSchemaCopy(skipSchemaCopy)
        .setOnDdl(onDdl.toUpperCase(Locale.ROOT))
        .setStopAfterCopy(stopAfterCopy)
        .setDeferSecondaryKeys(deferSecondaryKeys)
        .setAutoStart(autoStart)
        .setWorkflowOptions(Vtctldata.WorkflowOptions.newBuilder().putAllConfig(configOverrides))
        .build();
  }

  private void check() {
    if (sourceShards.isEmpty() || targetShards.isEmpty()) {
      throw refuse("source-shards and target-shards are required");
    }
    if (!cells.isEmpty() && allCells) {
      throw refuse("cannot specify both --cells and --all-cells");
    }
    if (MoveTablesCreateVerb.unknown(OnDDLAction.values(), onDdl)) {
      throw refuse("invalid on-ddl value: " + onDdl);
    }
  }
}

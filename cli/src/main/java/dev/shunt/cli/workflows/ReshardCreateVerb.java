package dev.shunt.cli.workflows;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code reshard … create}, with vtctldclient's flags and defaults. */
@Command(name = "create", description = "Creates a workflow that copies shards to others.")
final class ReshardCreateVerb extends WorkflowVerb {
  @Mixin StreamOptions streams = new StreamOptions();

  @Option(
      names = "--skip-schema-copy",
      arity = "0..1",
      fallbackValue = "true",
      description = "Make no tables on the target shards: they have all of them.")
  boolean skipSchemaCopy;

  @Option(names = "--source-shards", split = ",", description = "Shards to move rows from.")
  List<String> sourceShards = new ArrayList<>();

  @Option(names = "--target-shards", split = ",", description = "Shards to move rows to.")
  List<String> targetShards = new ArrayList<>();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    check();
    Vtctldata.WorkflowStatusResponse answer = vtctld.reshardCreate(request(streams.cells(vtctld)));
    print(answer, StatusText.of(keyspace(), workflow(), answer));
  }

  private Vtctldata.ReshardCreateRequest request(List<String> cells) {
    return Vtctldata.ReshardCreateRequest.newBuilder()
        .setWorkflow(workflow())
        .setKeyspace(keyspace())
        .addAllSourceShards(sourceShards)
        .addAllTargetShards(targetShards)
        .addAllCells(cells)
        .addAllTabletTypes(streams.tabletTypes())
        .setTabletSelectionPreference(streams.preference())
        .setSkipSchemaCopy(skipSchemaCopy)
        .setOnDdl(streams.onDdl())
        .setStopAfterCopy(streams.stopAfterCopy)
        .setDeferSecondaryKeys(streams.deferSecondaryKeys)
        .setAutoStart(streams.autoStart)
        .setWorkflowOptions(
            Vtctldata.WorkflowOptions.newBuilder().putAllConfig(streams.configOverrides))
        .build();
  }

  private void check() {
    if (sourceShards.isEmpty() || targetShards.isEmpty()) {
      throw refuse("source-shards and target-shards are required");
    }
    streams
        .mistake()
        .ifPresent(mistake -> {
          throw refuse(mistake);
        });
  }
}

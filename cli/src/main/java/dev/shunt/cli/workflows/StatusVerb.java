package dev.shunt.cli.workflows;

import dev.shunt.cli.vtctld.Reads;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code movetables … status}. */
@Command(
    name = "status",
    aliases = "progress",
    description = "Shows how far a workflow is and where traffic goes.")
@Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
final class StatusVerb extends WorkflowVerb {
  @Option(names = "--shards", split = ",", description = "Only these target shards.")
  List<String> shards = new ArrayList<>();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    Vtctldata.WorkflowStatusResponse answer =
        vtctld.workflowStatus(
            Vtctldata.WorkflowStatusRequest.newBuilder()
                .setKeyspace(keyspace())
                .setWorkflow(workflow())
                .addAllShards(shards)
                .build());
    print(answer, StatusText.of(keyspace(), workflow(), answer));
  }
}

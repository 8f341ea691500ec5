package dev.shunt.cli.workflows;

import dev.shunt.cli.vtctld.Reads;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code movetables … show}. */
@Command(name = "show", description = "Shows everything about a workflow.")
@Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
final class ShowVerb extends WorkflowVerb {
  @Option(
      names = "--include-logs",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "With the logs of its streams (default: true).")
  boolean includeLogs = true;

  @Option(names = "--shards", split = ",", description = "Only these target shards.")
  List<String> shards = new ArrayList<>();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    print(
        vtctld.getWorkflows(
            Vtctldata.GetWorkflowsRequest.newBuilder()
                .setKeyspace(keyspace())
                .setWorkflow(workflow())
                .setIncludeLogs(includeLogs)
                .addAllShards(shards)
                .build()));
  }
}

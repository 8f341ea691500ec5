package dev.shunt.cli.workflows;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import vtctlservice.VtctldGrpc;

/** {@code movetables … start} and {@code … stop}. */
abstract class StartStopVerb extends WorkflowVerb {
  @Option(names = "--shards", split = ",", description = "Only on these target shards.")
  List<String> shards = new ArrayList<>();

  abstract VReplicationWorkflowState state();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    print(
        TabletOrder.sorted(
            vtctld.workflowUpdate(UpdateRequests.state(keyspace(), workflow(), shards, state()))));
  }

  /** Starts the streams. */
  @Command(name = "start", description = "Starts a workflow.")
  static final class Start extends StartStopVerb {
    @Override
    VReplicationWorkflowState state() {
      return VReplicationWorkflowState.Running;
    }
  }

  /** Stops the streams. */
  @Command(name = "stop", description = "Stops a workflow.")
  static final class Stop extends StartStopVerb {
    @Override
    VReplicationWorkflowState state() {
      return VReplicationWorkflowState.Stopped;
    }
  }
}

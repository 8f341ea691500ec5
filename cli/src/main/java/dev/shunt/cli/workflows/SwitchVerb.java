package dev.shunt.cli.workflows;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code movetables … switchtraffic} and {@code … reversetraffic}. */
abstract class SwitchVerb extends WorkflowVerb {
  @Mixin SwitchOptions flags = new SwitchOptions();

  abstract Vtctldata.WorkflowSwitchTrafficRequest.Builder direction();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    Vtctldata.WorkflowSwitchTrafficResponse answer =
        vtctld.workflowSwitchTraffic(
            direction()
                .setKeyspace(keyspace())
                .setWorkflow(workflow())
                .addAllCells(flags.cells)
                .addAllTabletTypes(flags.tabletTypes())
                .setMaxReplicationLagAllowed(SwitchOptions.proto(flags.maxLag))
                .setEnableReverseReplication(flags.reverseReplication)
                .setTimeout(SwitchOptions.proto(flags.timeout))
                .setDryRun(flags.dryRun)
                .addAllShards(flags.shards)
                .setForce(flags.force)
                .build());
    StringBuilder text = new StringBuilder(answer.getSummary()).append("\n\n");
    if (flags.dryRun) {
      answer.getDryRunResultsList().forEach(line -> text.append(line).append('\n'));
    } else {
      text.append("Start State: ").append(answer.getStartState()).append('\n');
      text.append("Current State: ").append(answer.getCurrentState()).append('\n');
    }
    print(answer, text.toString());
  }

  /** To the target. */
  @Command(name = "switchtraffic", description = "Switches traffic to the target.")
  static final class Forward extends SwitchVerb {
    @Option(
        names = "--initialize-target-sequences",
        arity = "0..1",
        fallbackValue = "true",
        description = "Raise the target's sequences above the values in use.")
    boolean initializeSequences;

    @Override
    Vtctldata.WorkflowSwitchTrafficRequest.Builder direction() {
      return Vtctldata.WorkflowSwitchTrafficRequest.newBuilder()
          .setDirection(0)
          .setInitializeTargetSequences(initializeSequences);
    }
  }

  /** Back to the source. */
  @Command(name = "reversetraffic", description = "Switches traffic back to the source.")
  static final class Backward extends SwitchVerb {
    @Override
    Vtctldata.WorkflowSwitchTrafficRequest.Builder direction() {
      return Vtctldata.WorkflowSwitchTrafficRequest.newBuilder().setDirection(1);
    }
  }
}

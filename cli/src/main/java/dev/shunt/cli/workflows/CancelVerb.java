package dev.shunt.cli.workflows;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code movetables … cancel}. */
@Command(name = "cancel", description = "Removes a workflow whose writes are not switched.")
final class CancelVerb extends WorkflowVerb {
  @Mixin DeleteOptions delete = new DeleteOptions();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    Vtctldata.WorkflowDeleteResponse answer =
        TabletOrder.sorted(vtctld.workflowDelete(delete.request(keyspace(), workflow())));
    print(answer, answer.getSummary() + "\n");
  }
}

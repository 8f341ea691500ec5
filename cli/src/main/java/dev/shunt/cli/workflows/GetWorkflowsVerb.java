package dev.shunt.cli.workflows;

import dev.shunt.cli.vtctld.Reads;
import dev.shunt.cli.vtctld.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code getworkflows KEYSPACE}. */
@Command(name = "getworkflows", description = "Shows the workflows of a keyspace.")
@Reads({Reads.Group.CALLS, Reads.Group.MESSAGES})
public final class GetWorkflowsVerb extends Verb {
  @Parameters(paramLabel = "KEYSPACE")
  String keyspace = "";

  @Option(
      names = "--include-logs",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "With the logs of the streams (default: true).")
  boolean includeLogs = true;

  @Option(
      names = {"-a", "--show-all"},
      arity = "0..1",
      fallbackValue = "true",
      description = "Also those that are stopped.")
  boolean showAll;

  @Override
  protected void run(VtctldGrpc.VtctldBlockingStub vtctld) {
    print(
        vtctld.getWorkflows(
            Vtctldata.GetWorkflowsRequest.newBuilder()
                .setKeyspace(keyspace)
                .setActiveOnly(!showAll)
                .setIncludeLogs(includeLogs)
                .build()));
  }
}

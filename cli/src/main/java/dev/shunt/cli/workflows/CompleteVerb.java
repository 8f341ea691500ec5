package dev.shunt.cli.workflows;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import vtctldata.Vtctldata;
import vtctlservice.VtctldGrpc;

/** {@code movetables … complete}. */
@Command(name = "complete", description = "Ends a workflow whose traffic is switched.")
final class CompleteVerb extends WorkflowVerb {
  @Option(
      names = "--dry-run",
      arity = "0..1",
      fallbackValue = "true",
      description = "Only print what would be done.")
  boolean dryRun;

  @Option(
      names = "--ignore-source-keyspace",
      hidden = true,
      arity = "0..1",
      fallbackValue = "true",
      description = "Leave the source alone, for instance when it is gone.")
  boolean ignoreSource;

  @Option(
      names = "--keep-data",
      arity = "0..1",
      fallbackValue = "true",
      description = "Leave the source tables.")
  boolean keepData;

  @Option(
      names = "--keep-routing-rules",
      arity = "0..1",
      fallbackValue = "true",
      description = "Leave the routing rules.")
  boolean keepRules;

  @Option(
      names = "--rename-tables",
      arity = "0..1",
      fallbackValue = "true",
      description = "Rename the source tables instead of dropping them.")
  boolean renameTables;

  @Option(names = "--shards", hidden = true, split = ",", description = "Shards of a partial move.")
  List<String> shards = new ArrayList<>();

  @Override
  void act(VtctldGrpc.VtctldBlockingStub vtctld) {
    Vtctldata.MoveTablesCompleteResponse answer =
        vtctld.moveTablesComplete(
            Vtctldata.MoveTablesCompleteRequest.newBuilder()
                .setWorkflow(workflow())
                .setTargetKeyspace(keyspace())
                .setKeepData(keepData)
                .setKeepRoutingRules(keepRules)
                .setRenameTables(renameTables)
                .setDryRun(dryRun)
                .addAllShards(shards)
                .setIgnoreSourceKeyspace(ignoreSource)
                .build());
    StringBuilder text = new StringBuilder(answer.getSummary()).append('\n');
    if (answer.getDryRunResultsCount() > 0) {
      text.append('\n');
      answer.getDryRunResultsList().forEach(line -> text.append(line).append('\n'));
    }
    print(answer, text.toString());
  }
}

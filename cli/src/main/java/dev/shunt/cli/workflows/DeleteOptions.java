package dev.shunt.cli.workflows;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import vtctldata.Vtctldata;

/** Flags of cancel and delete, with vtctldclient's defaults. */
final class DeleteOptions {
  @Option(
      names = "--delete-batch-size",
      hidden = true,
      defaultValue = "1000",
      description = "Rows of a tenant deleted at once (default: ${DEFAULT-VALUE}).")
  long batchSize = 1000;

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
      description = "Leave the target tables.")
  boolean keepData;

  @Option(
      names = "--keep-routing-rules",
      arity = "0..1",
      fallbackValue = "true",
      description = "Leave the routing rules.")
  boolean keepRules;

  @Option(
      names = "--shards",
      hidden = true,
      split = ",",
      description = "Only on these target shards.")
  List<String> shards = new ArrayList<>();

  Vtctldata.WorkflowDeleteRequest request(String keyspace, String workflow) {
    return Vtctldata.WorkflowDeleteRequest.newBuilder()
        .setKeyspace(keyspace)
        .setWorkflow(workflow)
        .setKeepData(keepData)
        .setKeepRoutingRules(keepRules)
        .addAllShards(shards)
        .setDeleteBatchSize(batchSize)
        .setIgnoreSourceKeyspace(ignoreSource)
        .build();
  }
}

package dev.shunt.cli.workflows;

import java.util.TreeMap;
import vtctldata.Vtctldata;

/** A workflow's status for people. */
final class StatusText {
  private StatusText() {}

  static String of(String keyspace, String workflow, Vtctldata.WorkflowStatusResponse status) {
    StringBuilder text =
        new StringBuilder(
            "The following vreplication streams exist for workflow %s.%s:\n\n"
                .formatted(keyspace, workflow));
    for (Vtctldata.WorkflowStatusResponse.ShardStreams shard :
        new TreeMap<>(status.getShardStreamsMap()).values()) {
      for (Vtctldata.WorkflowStatusResponse.ShardStreamState stream : shard.getStreamsList()) {
        text.append(
            "id=%d on %s/%s-%d: Status: %s. %s.\n"
                .formatted(
                    stream.getId(),
                    keyspace,
                    stream.getTablet().getCell(),
                    Integer.toUnsignedLong(stream.getTablet().getUid()),
                    stream.getStatus(),
                    stream.getInfo()));
      }
    }
    return text.append("\nTraffic State: ").append(status.getTrafficState()).toString();
  }
}

package dev.shunt.local.demo;

import dev.shunt.client.AuditLog;
import dev.shunt.client.AuditQuery;
import dev.shunt.client.Connection;
import dev.shunt.client.WorkflowTable;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.lifecycle.Evolver;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the audit log from its first event and compares the state of every workflow with the live
 * one, byte for byte. Only for workflows whose streams are gone: what tablets report of running
 * streams is not on the audit log.
 *
 * @param events events read
 * @param equal whether all are equal
 */
public record ReplayCheck(long events, boolean equal) {
  private static final Logger log = LoggerFactory.getLogger(ReplayCheck.class);

  /**
   * Waits until no live workflow has streams any more, then replays.
   *
   * @param patience how long to wait for each workflow's streams to go, and for its live state to
   *     reach the version that was replayed
   */
  public static ReplayCheck of(Connection connection, WorkflowTable live, Duration patience) {
    for (WorkflowStatus status : live.all()) {
      WorkflowKey key = new WorkflowKey(status.keyspace(), status.workflow());
      live.await(key, now -> now.map(one -> one.shards().isEmpty()).orElse(true), patience);
    }
    Map<WorkflowKey, WorkflowStatus> folded = new HashMap<>();
    long events;
    try (AuditLog audit = new AuditLog(connection)) {
      events =
          audit.replay(
              AuditQuery.all(),
              record -> {
                WorkflowKey key = WorkflowKey.of(record.event().header());
                WorkflowStatus next = Evolver.evolve(folded.get(key), record.event());
                if (next != null) {
                  folded.put(key, next);
                }
              });
    }
    boolean equal = true;
    try (MessageSerializer serializer = new MessageSerializer(connection.registry())) {
      for (Map.Entry<WorkflowKey, WorkflowStatus> entry : folded.entrySet()) {
        WorkflowKey key = entry.getKey();
        WorkflowStatus replayed = entry.getValue();
        // The end of a command is on the audit log before it is folded into the live state.
        live.awaitVersion(key, replayed.version(), patience);
        Optional<WorkflowStatus> status = live.get(key);
        boolean same =
            status.isPresent()
                && Arrays.equals(
                    serializer.serialize(Topics.WORKFLOWS, replayed),
                    serializer.serialize(Topics.WORKFLOWS, status.get()));
        if (!same) {
          log.atError()
              .addKeyValue("workflow", key)
              .addKeyValue("replayed", replayed)
              .addKeyValue("live", status.map(WorkflowStatus::toString).orElse("none"))
              .log("replayed state differs from the live one");
        }
        equal &= same;
      }
    }
    equal &= folded.size() == live.all().size();
    return new ReplayCheck(events, equal && !folded.isEmpty());
  }
}

package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StatusJoiner;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamSources;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.WorkflowStatus;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The streams of a workflow, as what tablets reported of them comes to: what the summary of the
 * workflow says of them, and the streams of all target shards or of those that reports concern.
 *
 * @param summary which shards have streams, and what all of these read
 * @param shards target shards with streams by their names; of those that are taken into account
 *     here, one without streams is missing
 */
public record FoldedStreams(StreamSummary summary, Map<String, ShardStatus> shards) {
  public FoldedStreams {
    shards = Collections.unmodifiableMap(new TreeMap<>(shards));
  }

  /** Nothing was reported of a workflow. */
  public static FoldedStreams none(String keyspace, String workflow) {
    return new FoldedStreams(StreamSummary.none(keyspace, workflow), Map.of());
  }

  /** Those of a status that has all of them. */
  public static FoldedStreams of(WorkflowStatus whole) {
    Map<String, ShardStatus> shards = StatusJoiner.byShard(whole);
    SourceTally tally = new SourceTally(StreamSources.NONE);
    whole.streams().forEach(tally::add);
    return new FoldedStreams(
        new StreamSummary(
            whole.keyspace(), whole.workflow(), List.copyOf(shards.keySet()), tally.sources()),
        shards);
  }

  /**
   * After more reports; the same object when they change nothing.
   *
   * @param reports of streams into any shards, of which those that the summary names must be here;
   *     more shards do no harm
   * @return the summary, and those of the shards here and of the reports' that have streams now
   */
  public FoldedStreams with(StreamBatch reports) {
    return StreamFold.of(this, reports);
  }
}

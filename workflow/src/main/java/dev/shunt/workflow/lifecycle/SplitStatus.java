package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.ShardStatus;
import dev.shunt.schemas.StatusJoiner;
import dev.shunt.schemas.WorkflowStatus;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The status of a workflow in the records in which it is kept: its summary, and the streams of all
 * target shards or of those that a change concerns.
 *
 * @param summary without streams; null when nothing is known of the workflow
 * @param shards target shards with streams by their names; of those that are taken into account
 *     here, one without streams is missing
 */
public record SplitStatus(@Nullable WorkflowStatus summary, Map<String, ShardStatus> shards) {
  /** Nothing is known. */
  public static final SplitStatus NONE = new SplitStatus(null, Map.of());

  public SplitStatus {
    shards = Collections.unmodifiableMap(new TreeMap<>(shards));
  }

  /** A status that has all streams in it, as readers have it and as versions before kept it. */
  public static SplitStatus of(@Nullable WorkflowStatus whole) {
    if (whole == null || whole.streams().isEmpty()) {
      return new SplitStatus(whole, Map.of());
    }
    FoldedStreams streams = FoldedStreams.of(whole);
    return new SplitStatus(
        whole.with(draft -> {
          draft.streams = List.of();
          ObservedStreams.take(draft, streams.summary());
        }),
        streams.shards());
  }

  /** The summary with the streams of these shards; null when nothing is known. */
  public @Nullable WorkflowStatus joined() {
    return summary == null ? null : StatusJoiner.join(summary, shards);
  }

  /** The same shards with another summary. */
  public SplitStatus withSummary(@Nullable WorkflowStatus other) {
    return new SplitStatus(other, shards);
  }
}

package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamSources;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.WorkflowStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What the streams of a workflow say of it. Of one that no command created, phase, type, source and
 * tables are those that its streams tell.
 */
final class ObservedStreams {
  private ObservedStreams() {}

  /** Takes what is known of the streams now. */
  static void take(WorkflowStatus.Draft next, StreamSummary streams) {
    next.shards = streams.shards();
    next.sources = streams.sources();
    describe(next);
  }

  /**
   * Describes a workflow that no command created by its streams. Of one that a command created it
   * is no longer counted what they read.
   */
  static void describe(WorkflowStatus.Draft next) {
    if (next.createdAt != 0) {
      next.sources = StreamSources.NONE;
      return;
    }
    if (next.phase == Phase.UNKNOWN || next.phase == Phase.OBSERVED) {
      next.phase = next.shards.isEmpty() ? Phase.UNKNOWN : Phase.OBSERVED;
    }
    StreamSources sources = next.sources;
    List<String> keyspaces = sorted(sources.keyspaces());
    next.sourceKeyspace = keyspaces.size() == 1 ? keyspaces.getFirst() : "";
    next.sourceShards = sorted(sources.shards());
    next.targetShards = next.shards;
    next.tables = sorted(sources.tables());
    next.workflowType = mostFrequent(sources.types());
  }

  private static List<String> sorted(Map<String, Long> counted) {
    return counted.keySet().stream().sorted().toList();
  }

  /** The first by name of those that are counted most often; empty when there is none. */
  private static String mostFrequent(Map<String, Long> counted) {
    return counted.entrySet().stream()
        .min(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElse("");
  }
}

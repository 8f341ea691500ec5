package dev.shunt.workflow.lifecycle;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.workflow.streams.TextProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Folds stream reports. Of a workflow that no command created, phase, type, source and tables are
 * those that its streams tell.
 */
final class ObservedStreams {
  private static final Comparator<StreamStatus> ORDER =
      Comparator.comparing(StreamStatus::shard)
          .thenComparing(StreamStatus::tablet)
          .thenComparing(StreamStatus::id);

  private ObservedStreams() {}

  static @Nullable WorkflowStatus evolve(@Nullable WorkflowStatus status, StreamBatch reports) {
    WorkflowStatus.Draft next =
        new WorkflowStatus.Draft(
            status == null ? WorkflowStatus.of(reports.keyspace(), reports.workflow()) : status);
    Set<StreamId> concerned = new HashSet<>(reports.removed());
    reports.reported().forEach(stream -> concerned.add(StreamId.of(stream)));
    List<StreamStatus> streams = new ArrayList<>(next.streams);
    streams.removeIf(known -> concerned.contains(StreamId.of(known)));
    long taken = streams.stream().mapToLong(StatusSize::of).sum();
    for (StreamStatus stream : reports.reported()) {
      Optional<StreamStatus> fitting = fit(stream, taken);
      fitting.ifPresent(streams::add);
      taken += fitting.map(StatusSize::of).orElse(0L);
    }
    streams.sort(ORDER);
    if (status != null && streams.equals(status.streams())) {
      return status;
    }
    boolean sourcesChanged = !sources(streams).equals(sources(next.streams));
    next.streams = streams;
    if (sourcesChanged) {
      describe(next);
    }
    return next.version == 0 && streams.isEmpty() ? null : next.build();
  }

  /**
   * As much of a stream as there is room for beside the others: all of it, or all but what it reads
   * and where its copy stands, or nothing.
   */
  private static Optional<StreamStatus> fit(StreamStatus stream, long taken) {
    if (taken + StatusSize.of(stream) <= StatusSize.STREAMS) {
      return Optional.of(stream);
    }
    StreamStatus less = withoutSource(stream);
    return taken + StatusSize.of(less) <= StatusSize.STREAMS_AT_MOST
        ? Optional.of(less)
        : Optional.empty();
  }

  private static StreamStatus withoutSource(StreamStatus stream) {
    return stream.with(draft -> {
      draft.source = "";
      draft.message = StatusSize.sentence(stream.message());
      draft.copyStates = List.of();
    });
  }

  /** Describes a workflow that no command created by its streams. */
  static void describe(WorkflowStatus.Draft next) {
    if (next.createdAt != 0) {
      return;
    }
    if (next.phase == Phase.UNKNOWN || next.phase == Phase.OBSERVED) {
      next.phase = next.streams.isEmpty() ? Phase.UNKNOWN : Phase.OBSERVED;
    }
    TreeSet<String> sourceKeyspaces = new TreeSet<>();
    TreeSet<String> sourceShards = new TreeSet<>();
    TreeSet<String> targetShards = new TreeSet<>();
    TreeSet<String> tables = new TreeSet<>();
    for (StreamStatus stream : next.streams) {
      targetShards.add(stream.shard());
      BinlogSource source = source(stream);
      if (source != null) {
        sourceKeyspaces.add(source.getKeyspace());
        sourceShards.add(source.getShard());
        source.getFilter().getRulesList().stream().map(Rule::getMatch).forEach(tables::add);
      }
    }
    next.sourceKeyspace = sourceKeyspaces.size() == 1 ? sourceKeyspaces.first() : "";
    next.sourceShards = List.copyOf(sourceShards);
    next.targetShards = List.copyOf(targetShards);
    next.tables = List.copyOf(tables);
    next.workflowType = next.streams.isEmpty() ? "" : type(next.streams.getFirst());
  }

  private static String type(StreamStatus stream) {
    VReplicationWorkflowType type = VReplicationWorkflowType.forNumber(stream.workflowType());
    return type == null ? "" : type.name();
  }

  private static @Nullable BinlogSource source(StreamStatus stream) {
    try {
      return TextProto.binlogSource(stream.source());
    } catch (IllegalArgumentException _) {
      // What a tablet reports need not be readable; the rest of the status still is.
      return null;
    }
  }

  private static List<String> sources(Collection<StreamStatus> streams) {
    return streams.stream()
        .map(s -> s.shard() + " " + s.workflowType() + " " + s.source())
        .toList();
  }
}

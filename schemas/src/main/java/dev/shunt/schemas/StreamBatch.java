package dev.shunt.schemas;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What tablets reported last of some streams of a workflow since the batch before; each stream
 * stands in it once.
 *
 * @param keyspace Target keyspace.
 * @param workflow Workflow of the streams.
 * @param reported Streams as they were reported last.
 * @param removed Streams that are gone from their tablets.
 */
public record StreamBatch(
    String keyspace, String workflow, List<StreamStatus> reported, List<StreamId> removed)
    implements Relayed {
  public StreamBatch {
    reported = List.copyOf(reported);
    removed = List.copyOf(removed);
  }

  /** Target shards of the streams. */
  public Set<String> shards() {
    Set<String> shards = new HashSet<>();
    reported.forEach(stream -> shards.add(stream.shard()));
    removed.forEach(stream -> shards.add(stream.shard()));
    return shards;
  }

  /** A report as a batch of its own. */
  public static StreamBatch of(StreamEvent event) {
    return switch (event) {
      case StreamReported reported ->
          new StreamBatch(
              reported.keyspace(), reported.workflow(), List.of(reported.stream()), List.of());
      case StreamRemoved removed ->
          new StreamBatch(
              removed.keyspace(),
              removed.workflow(),
              List.of(),
              List.of(new StreamId(removed.shard(), removed.tablet(), removed.id())));
    };
  }
}

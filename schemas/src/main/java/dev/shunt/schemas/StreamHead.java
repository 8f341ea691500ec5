package dev.shunt.schemas;

/**
 * What a report on shunt.streams says of which stream, without the rest of it.
 *
 * @param keyspace target keyspace
 * @param workflow workflow of the stream
 * @param at when it was seen, milliseconds since the epoch
 * @param stream which stream
 * @param removed whether the stream is gone
 * @param state its state; empty when it is gone
 * @param message what it says of itself; empty when it is gone
 */
public record StreamHead(
    String keyspace,
    String workflow,
    long at,
    StreamId stream,
    boolean removed,
    String state,
    String message) {
  /** That of a report. */
  static StreamHead of(StreamEvent event) {
    return switch (event) {
      case StreamReported reported ->
          new StreamHead(
              reported.keyspace(),
              reported.workflow(),
              reported.at(),
              StreamId.of(reported.stream()),
              false,
              reported.stream().state(),
              reported.stream().message());
      case StreamRemoved removed ->
          new StreamHead(
              removed.keyspace(),
              removed.workflow(),
              removed.at(),
              new StreamId(removed.shard(), removed.tablet(), removed.id()),
              true,
              "",
              "");
    };
  }
}

package dev.shunt.schemas;

/**
 * Which stream of a workflow.
 *
 * @param shard Target shard.
 * @param tablet Alias of the target tablet, as zone1-0000000200.
 * @param id Id of the stream on that tablet.
 */
public record StreamId(String shard, String tablet, long id) {
  /** That of a stream. */
  public static StreamId of(StreamStatus stream) {
    return new StreamId(stream.shard(), stream.tablet(), stream.id());
  }
}

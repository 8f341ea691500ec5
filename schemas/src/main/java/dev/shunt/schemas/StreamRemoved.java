package dev.shunt.schemas;

/**
 * A stream is gone from its tablet.
 *
 * @param keyspace Target keyspace.
 * @param workflow Workflow of the stream.
 * @param at When it was missed, milliseconds since the epoch.
 * @param shard Target shard.
 * @param tablet Alias of the target tablet.
 * @param id Id of the stream.
 */
public record StreamRemoved(
    String keyspace, String workflow, long at, String shard, String tablet, long id)
    implements StreamEvent {}

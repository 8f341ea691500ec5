package dev.shunt.schemas;

/**
 * A tablet reported a stream.
 *
 * @param keyspace Target keyspace.
 * @param workflow Workflow of the stream.
 * @param at When it was seen, milliseconds since the epoch.
 * @param stream The stream.
 */
public record StreamReported(String keyspace, String workflow, long at, StreamStatus stream)
    implements StreamEvent {}

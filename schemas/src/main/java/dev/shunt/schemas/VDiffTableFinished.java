package dev.shunt.schemas;

/**
 * One table of a diff was compared on one target shard.
 *
 * @param header Workflow, cause, time and teller.
 * @param uuid Id of the diff.
 * @param result What was found.
 */
public record VDiffTableFinished(EventHeader header, String uuid, TableDiff result)
    implements Event {}

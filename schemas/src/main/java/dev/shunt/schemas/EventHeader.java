package dev.shunt.schemas;

/**
 * What every event carries.
 *
 * @param keyspace Target keyspace of the workflow.
 * @param workflow Name of the workflow.
 * @param commandId The command that caused it.
 * @param at When it happened, milliseconds since the epoch.
 * @param by Instance of the service that tells it.
 * @param fence Fencing token of the run that tells it; 0 where none is held. Lower tokens than the
 *     highest seen for a command are ignored.
 */
public record EventHeader(
    String keyspace, String workflow, String commandId, long at, String by, long fence) {}

package dev.shunt.schemas;

/**
 * The workflow ended on the target; its streams are gone.
 *
 * @param header Workflow, cause, time and teller.
 * @param keptData Whether the source tables stay.
 */
public record WorkflowCompleted(EventHeader header, boolean keptData) implements Event {}

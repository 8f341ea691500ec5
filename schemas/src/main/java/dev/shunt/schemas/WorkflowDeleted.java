package dev.shunt.schemas;

/**
 * The workflow was cancelled; its streams are gone.
 *
 * @param header Workflow, cause, time and teller.
 * @param keptData Whether the target tables stay.
 */
public record WorkflowDeleted(EventHeader header, boolean keptData) implements Event {}

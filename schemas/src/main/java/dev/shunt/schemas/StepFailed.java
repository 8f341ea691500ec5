package dev.shunt.schemas;

/**
 * A step did not succeed.
 *
 * @param header Workflow, cause, time and teller.
 * @param step Name of the step.
 * @param error Why.
 * @param durationMicros How long it took, microseconds.
 */
public record StepFailed(EventHeader header, String step, String error, long durationMicros)
    implements Event {}

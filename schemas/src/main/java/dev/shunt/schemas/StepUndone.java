package dev.shunt.schemas;

/**
 * The effect of a step was taken back.
 *
 * @param header Workflow, cause, time and teller.
 * @param step Name of the step.
 * @param durationMicros How long it took, microseconds.
 */
public record StepUndone(EventHeader header, String step, long durationMicros) implements Event {}

package dev.shunt.schemas;

/**
 * What a step ensures, holds.
 *
 * @param header Workflow, cause, time and teller.
 * @param step Name of the step.
 * @param detail What it found or did.
 * @param durationMicros How long it took, microseconds.
 */
public record StepFinished(EventHeader header, String step, String detail, long durationMicros)
    implements Event {}

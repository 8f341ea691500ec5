package dev.shunt.schemas;

/**
 * A step of a run began.
 *
 * @param header Workflow, cause, time and teller.
 * @param step Name of the step.
 * @param detail What it acts on.
 */
public record StepStarted(EventHeader header, String step, String detail) implements Event {}

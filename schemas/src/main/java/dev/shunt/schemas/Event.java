package dev.shunt.schemas;

/** What happened; the values of shunt.events. */
public sealed interface Event extends Message
    permits CommandAdmitted,
        CommandRefused,
        CommandDuplicate,
        CommandWaiting,
        StepStarted,
        StepFinished,
        StepFailed,
        StepUndone,
        CommandSucceeded,
        CommandFailed,
        WorkflowCreated,
        TrafficSwitched,
        WorkflowCompleted,
        WorkflowDeleted,
        VDiffStarted,
        VDiffTableFinished,
        VDiffFinished,
        SignalSent,
        SignalTaken {
  /** Workflow, cause, time and teller. */
  EventHeader header();
}

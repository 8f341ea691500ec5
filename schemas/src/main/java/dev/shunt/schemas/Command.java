package dev.shunt.schemas;

/**
 * What can be asked of a workflow; the values of shunt.commands and, once admitted, of shunt.tasks.
 */
public sealed interface Command extends Message
    permits MoveTablesCreate,
        ReshardCreate,
        MoveTablesComplete,
        WorkflowDelete,
        WorkflowUpdate,
        SwitchTraffic,
        VDiffCreate,
        CommandCancel,
        CommandSignal {
  /** Id, workflow, issuer and guards. */
  CommandHeader header();
}

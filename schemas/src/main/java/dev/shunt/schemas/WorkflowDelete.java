package dev.shunt.schemas;

/**
 * Cancels a workflow whose writes are not switched: removes its streams, rules and, unless kept,
 * the target tables it created.
 *
 * @param header Id, workflow, issuer and guards.
 * @param keepData Leave the target tables.
 * @param keepRoutingRules Leave the routing rules.
 */
public record WorkflowDelete(CommandHeader header, boolean keepData, boolean keepRoutingRules)
    implements Command {}

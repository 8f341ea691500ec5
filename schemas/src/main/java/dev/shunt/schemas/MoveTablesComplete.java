package dev.shunt.schemas;

/**
 * Ends a workflow whose traffic is switched: removes the source tables, streams and routing rules.
 *
 * @param header Id, workflow, issuer and guards.
 * @param keepData Leave the source tables.
 * @param keepRoutingRules Leave the routing rules.
 * @param renameTables Rename the source tables instead of dropping them.
 */
public record MoveTablesComplete(
    CommandHeader header, boolean keepData, boolean keepRoutingRules, boolean renameTables)
    implements Command {}

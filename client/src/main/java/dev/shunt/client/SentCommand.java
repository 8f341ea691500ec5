package dev.shunt.client;

import dev.shunt.schemas.WorkflowKey;

/**
 * Where on shunt.commands a command is, once all replicas have it.
 *
 * @param commandId its id
 * @param workflow the workflow it is for
 * @param partition partition
 * @param offset offset
 */
public record SentCommand(String commandId, WorkflowKey workflow, int partition, long offset) {}

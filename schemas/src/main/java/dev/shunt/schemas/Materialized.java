package dev.shunt.schemas;

/**
 * Folded state; the values of shunt.workflows and shunt.workflows.shards, see {@link StatusKey}.
 */
public sealed interface Materialized extends Message permits WorkflowStatus, ShardStatus {}

package dev.shunt.schemas;

/** Folded state; the values of shunt.workflows. */
public sealed interface Materialized extends Message permits WorkflowStatus {}

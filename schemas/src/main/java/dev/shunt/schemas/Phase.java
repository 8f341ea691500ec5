package dev.shunt.schemas;

/** Where a workflow is in its life, as its commands and their outcomes say. */
public enum Phase {
  UNKNOWN,
  OBSERVED,
  CREATING,
  ACTIVE,
  COMPLETED,
  DELETED
}

package dev.shunt.schemas;

/** How a command ended. */
public enum OutcomeKind {
  UNKNOWN,
  SUCCEEDED,
  FAILED,
  REFUSED
}

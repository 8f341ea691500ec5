package dev.shunt.cli.vtctld;

/** How an answer is printed. */
public enum Format {
  /** For people. */
  TEXT,
  /** For programs. */
  JSON
}

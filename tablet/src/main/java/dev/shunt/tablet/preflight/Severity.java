package dev.shunt.tablet.preflight;

/** What a finding means for a stream. */
public enum Severity {
  /** A stream would lose, double or change rows, or could not run: it is refused. */
  REFUSE,
  /** A stream is true as things stand, but somebody should know. */
  WARN
}

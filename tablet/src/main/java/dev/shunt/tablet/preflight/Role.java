package dev.shunt.tablet.preflight;

/** What a server is to a stream. */
public enum Role {
  /** Its tables are copied and its log is followed. */
  SOURCE,
  /** Rows are written to it; after a switch its log is followed to keep the way back open. */
  TARGET
}

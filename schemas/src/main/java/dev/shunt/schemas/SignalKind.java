package dev.shunt.schemas;

/** What a running command is asked to do. */
public enum SignalKind {
  UNKNOWN,
  STOP,
  PAUSE,
  RESUME,
  RETUNE
}

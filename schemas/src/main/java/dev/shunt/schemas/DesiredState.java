package dev.shunt.schemas;

/** What a stream is asked to be. */
public enum DesiredState {
  RUNNING,
  STOPPED
}

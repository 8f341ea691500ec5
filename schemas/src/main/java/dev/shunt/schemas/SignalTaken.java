package dev.shunt.schemas;

import java.util.Map;

/**
 * A run of a command has taken a signal: from now on it, and each run that follows, does what was
 * asked. Its header names the command that was spoken to.
 *
 * @param header Workflow, cause, time and teller.
 * @param signalId Id of the signal, which is a command by itself.
 * @param signal What was asked.
 * @param settings By name, what RETUNE changes; empty for the others.
 */
public record SignalTaken(
    EventHeader header, String signalId, SignalKind signal, Map<String, String> settings)
    implements Event {
  public SignalTaken {
    settings = Map.copyOf(settings);
  }
}

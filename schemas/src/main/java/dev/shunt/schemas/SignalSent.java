package dev.shunt.schemas;

import java.util.Map;

/**
 * Admission let a signal through to a command that is being carried out.
 *
 * @param header Workflow, cause, time and teller.
 * @param service Service that carries the target out.
 * @param issuer Who sent it.
 * @param reason Why; may be empty.
 * @param target Id of the command that it is for.
 * @param signal What that is asked to do.
 * @param settings By name, what RETUNE changes; empty for the others.
 */
public record SignalSent(
    EventHeader header,
    String service,
    String issuer,
    String reason,
    String target,
    SignalKind signal,
    Map<String, String> settings)
    implements Event {
  public SignalSent {
    settings = Map.copyOf(settings);
  }
}

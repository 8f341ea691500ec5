package dev.shunt.schemas;

import java.util.Map;

/**
 * Speaks to a command of the same workflow that is being carried out: it reaches the run that goes
 * on, or the one that follows it, once. It succeeds when a run has taken it.
 *
 * @param header Id, workflow, issuer and guards.
 * @param target Id of the command that is spoken to.
 * @param signal What it is asked to do.
 * @param settings By name, what RETUNE changes; empty for the others.
 */
public record CommandSignal(
    CommandHeader header, String target, SignalKind signal, Map<String, String> settings)
    implements Command {
  public CommandSignal {
    settings = Map.copyOf(settings);
  }
}

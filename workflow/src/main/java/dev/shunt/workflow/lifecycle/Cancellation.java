package dev.shunt.workflow.lifecycle;

import dev.shunt.schemas.InFlight;
import dev.shunt.workflow.Refusal;

/** What becomes of a command that takes back another. */
public sealed interface Cancellation {
  /** The other one waits: it is refused. */
  record TakeBack() implements Cancellation {}

  /** The other one is being carried out: it fails, and what it has done stays. */
  record Abandon(InFlight running) implements Cancellation {}

  /** The cancel itself is refused. */
  record Refuse(Refusal refusal) implements Cancellation {}
}

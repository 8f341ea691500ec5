package dev.shunt.workflow.lifecycle;

import dev.shunt.workflow.Refusal;

/** What becomes of a command. */
public sealed interface Decision {
  /** It is handed to the service that carries it out. */
  record Admit(ServiceName service) implements Decision {}

  /** It is refused; nothing changes. */
  record Refuse(Refusal refusal) implements Decision {}

  /** It waits until the command with this id has ended, and is decided then. */
  record Wait(String commandId) implements Decision {}
}

package dev.shunt.command.sending;

import dev.shunt.schemas.Command;
import java.time.Duration;

/** Where commands go and outcomes come from. */
public interface CommandGateway {
  /** Sends a command and waits until it has ended, or until the time is over. */
  Reply execute(Command command, Duration timeout);

  /** Sends a command and waits until it is admitted, refused, or the time is over. */
  Reply submit(Command command, Duration timeout);
}

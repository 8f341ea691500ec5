package dev.shunt.command;

import dev.shunt.command.reading.WorkflowStates;
import dev.shunt.command.sending.CommandGateway;
import dev.shunt.schemas.Event;
import java.util.Optional;

/** What lies behind the service: the way to the log of commands and the state folded from it. */
public interface Backend extends CommandGateway, WorkflowStates, AutoCloseable {
  /** Starts it; the HTTP face, perhaps with the schema registry, is up by then. */
  void start();

  /** Why it can't take commands at the moment, in a sentence; empty when it can. */
  Optional<String> unready();

  /** Puts an event on the audit log; returns once all replicas have it. */
  void audit(Event event);

  @Override
  void close();
}

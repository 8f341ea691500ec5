package dev.shunt.saga;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.WorkflowKey;

/**
 * A command that was admitted and handed to this service.
 *
 * @param key workflow that it is for
 * @param command the command
 * @param partition partition of the task; events of the workflow stand in the same one
 * @param timestamp when the task was written, milliseconds since the epoch
 * @param traceparent trace context of the command, which its events carry on; empty when it has
 *     none
 */
public record Task(
    WorkflowKey key, Command command, int partition, long timestamp, String traceparent) {
  /** A task of a command without a trace context. */
  public Task(WorkflowKey key, Command command, int partition, long timestamp) {
    this(key, command, partition, timestamp, "");
  }

  /** Header of the command. */
  public CommandHeader header() {
    return command.header();
  }

  /** Id of the command. */
  public String commandId() {
    return command.header().commandId();
  }
}

package dev.shunt.client;

import dev.shunt.schemas.Event;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.WorkflowKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Which events of the audit log are wanted.
 *
 * @param workflow only of this workflow; null for all
 * @param commandId only of this command; null for all
 * @param since only what happened then or later; null for the beginning
 * @param until only what happened then or before; null for the end
 */
public record AuditQuery(
    @Nullable WorkflowKey workflow,
    @Nullable String commandId,
    @Nullable Instant since,
    @Nullable Instant until) {

  /** Every event. */
  public static AuditQuery all() {
    return new AuditQuery(null, null, null, null);
  }

  /** Every event of a workflow. */
  public static AuditQuery ofWorkflow(WorkflowKey workflow) {
    return new AuditQuery(workflow, null, null, null);
  }

  /** Every event of a command. */
  public static AuditQuery ofCommand(String commandId) {
    return new AuditQuery(null, commandId, null, null);
  }

  /** The same, up to a moment. */
  public AuditQuery until(Instant end) {
    return new AuditQuery(workflow, commandId, since, end);
  }

  /** Whether a record that can't be read may be wanted, by its key and the command it names. */
  boolean mayMatch(ConsumerRecord<byte[], byte[]> record) {
    Header command = record.headers().lastHeader(MessageHeaders.COMMAND_ID);
    return mayBe(workflow == null ? null : workflow.toString(), record.key())
        && mayBe(commandId, command == null ? null : command.value());
  }

  private static boolean mayBe(@Nullable String wanted, byte @Nullable [] named) {
    return wanted == null
        || named == null
        || wanted.equals(new String(named, StandardCharsets.UTF_8));
  }

  boolean matches(Event event) {
    Instant at = Instant.ofEpochMilli(event.header().at());
    return (workflow == null || workflow.equals(WorkflowKey.of(event.header())))
        && (commandId == null || commandId.equals(event.header().commandId()))
        && (since == null || !at.isBefore(since))
        && (until == null || !at.isAfter(until));
  }
}

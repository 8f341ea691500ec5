package dev.shunt.workflowstate;

import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.TaskKey;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.workflow.lifecycle.ServiceName;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Sends records to the sinks of the topology, with the headers that belong to them. */
final class Output {
  private final ProcessorContext<byte[], byte[]> context;
  private final MessageSerializer serializer;
  private boolean awaited;

  Output(ProcessorContext<byte[], byte[]> context, MessageSerializer serializer) {
    this.context = context;
    this.serializer = serializer;
  }

  /**
   * Whether something was sent since the last call for which somebody waits: a task, a signal, or
   * an outcome.
   */
  boolean takeAwaited() {
    boolean was = awaited;
    awaited = false;
    return was;
  }

  /** An event of admission; it comes back through the event log before it is folded. */
  void event(Event event, String traceparent) {
    awaited |=
        event instanceof CommandSucceeded
            || event instanceof CommandFailed
            || event instanceof CommandRefused;
    send(
        AdmissionTopology.TO_EVENTS,
        bytes(WorkflowKey.of(event.header()).toString()),
        serialize(Topics.EVENTS, event),
        MessageHeaders.ofEvent(event.header().commandId(), traceparent));
  }

  /**
   * A task, in the very bytes of its command.
   *
   * @param key see {@link TaskKey}
   */
  void task(ServiceName service, String key, Admission.Queued command) {
    awaited = true;
    send(
        AdmissionTopology.toTasks(service),
        bytes(key),
        command.value(),
        MessageHeaders.ofCommand(command.commandId(), command.traceparent()));
  }

  /** A signal to a task, made anew of what the log says of it. */
  void signal(ServiceName service, SignalSent sent) {
    awaited = true;
    EventHeader header = sent.header();
    CommandSignal signal =
        new CommandSignal(
            new CommandHeader(
                header.commandId(),
                header.keyspace(),
                header.workflow(),
                sent.issuer(),
                sent.reason(),
                null,
                false,
                header.at()),
            sent.target(),
            sent.signal(),
            sent.settings());
    send(
        AdmissionTopology.toTasks(service),
        bytes(TaskKey.ofSignal(WorkflowKey.of(header), header.commandId())),
        serialize(Topics.COMMANDS, signal),
        MessageHeaders.ofCommand(header.commandId(), ""));
  }

  /** A task is done, or a signal is taken. */
  void taskEnded(ServiceName service, String key) {
    send(AdmissionTopology.toTasks(service), bytes(key), null, new RecordHeaders());
  }

  /** A part of the status of a workflow in bytes; null when nothing is left of it. */
  void status(StatusKey key, byte @Nullable [] value) {
    send(AdmissionTopology.TO_WORKFLOWS, bytes(key.toString()), value, MessageHeaders.plain());
  }

  void rejected(Rejected rejected) {
    send(
        AdmissionTopology.TO_REJECTED,
        rejected.key(),
        serialize(Topics.REJECTED, rejected),
        MessageHeaders.plain());
  }

  private byte @Nullable [] serialize(String topic, Message message) {
    return serializer.serialize(topic, message);
  }

  private void send(String sink, byte[] key, byte @Nullable [] value, Headers headers) {
    context.forward(new Record<>(key, value, context.currentSystemTimeMs(), headers), sink);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

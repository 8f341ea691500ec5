package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Materialized;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.Relayed;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes commands, events and stream reports as they come; see {@link AdmissionTopology}. */
final class AdmissionProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private static final Logger log = LoggerFactory.getLogger(AdmissionProcessor.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int REJECTED_BYTES = 256 * 1024;

  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final Incoming incoming;
  private final String instance;
  private final Duration commitInterval;
  private @Nullable Running running;
  private long commitRequestedAt;

  AdmissionProcessor(
      SchemaRegistry registry, String instance, Duration commitInterval, IntSupplier partitions) {
    this.serializer = new MessageSerializer(registry);
    this.deserializer = new MessageDeserializer(registry);
    this.incoming = new Incoming(deserializer, partitions);
    this.instance = instance;
    this.commitInterval = commitInterval;
  }

  private record Running(
      ProcessorContext<byte[], byte[]> context,
      Output output,
      StatusStore statuses,
      StatusEmitter emitter,
      Admitter admitter) {}

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    Output output = new Output(context, serializer);
    StatusStore statuses =
        new StatusStore(
            context.getStateStore(AdmissionTopology.STATUSES), serializer, deserializer);
    StatusEmitter emitter =
        new StatusEmitter(
            context.getStateStore(AdmissionTopology.UNTOLD),
            key -> output.status(key, statuses.bytes(key)));
    Admitter admitter =
        new Admitter(
            context.getStateStore(AdmissionTopology.ADMISSIONS),
            new SeenCommands(context.getStateStore(AdmissionTopology.COMMAND_IDS)),
            statuses,
            deserializer,
            output,
            instance,
            context::currentSystemTimeMs);
    running = new Running(context, output, statuses, emitter, admitter);
    context.schedule(
        TICK,
        PunctuationType.WALL_CLOCK_TIME,
        time -> {
          emitter.tick();
          admitter.tick();
        });
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    Running now = Objects.requireNonNull(running, "init() comes first");
    RecordMetadata from = now.context().recordMetadata().orElseThrow();
    switch (incoming.read(from.topic(), from.partition(), record.key(), record.value())) {
      case Incoming.Read.Understood(WorkflowKey key, Message message) ->
          take(now, from, key, message, record);
      case Incoming.Read.Unreadable(String reason) -> reject(now, from, record, reason);
    }
  }

  private void take(
      Running now,
      RecordMetadata from,
      WorkflowKey key,
      Message message,
      Record<byte[], byte[]> record) {
    switch (message) {
      case Command command -> {
        now.admitter().came(key, command, queued(command, record));
        requestCommit(now);
      }
      case Event event -> {
        fold(now, from, key, event, record);
        requestCommit(now);
      }
      case StreamEvent report -> fold(now, from, key, report, record);
      case Materialized _, Relayed _ ->
          throw new IllegalStateException("not told apart: " + message.getClass());
    }
  }

  private static Admission.Queued queued(Command command, Record<byte[], byte[]> record) {
    return new Admission.Queued(
        command.header().commandId(), MessageHeaders.traceparent(record.headers()), record.value());
  }

  private void fold(
      Running now,
      RecordMetadata from,
      WorkflowKey key,
      Event event,
      Record<byte[], byte[]> record) {
    WorkflowStatus before = now.statuses().get(key);
    WorkflowStatus after;
    try {
      after = Evolver.evolve(before, event);
    } catch (RuntimeException e) {
      reject(now, from, record, "the event can't be folded: " + e);
      return;
    }
    if (!Objects.equals(after, before)) {
      now.statuses().put(key, after);
      now.emitter().changed(key);
    }
    now.admitter().folded(key, event.header().commandId(), before, after);
  }

  private void fold(
      Running now,
      RecordMetadata from,
      WorkflowKey key,
      StreamEvent report,
      Record<byte[], byte[]> record) {
    WorkflowStatus before = now.statuses().get(key);
    WorkflowStatus after;
    try {
      after = Evolver.evolve(before, report);
    } catch (RuntimeException e) {
      reject(now, from, record, "the stream report can't be folded: " + e);
      return;
    }
    if (!Objects.equals(after, before)) {
      now.statuses().put(key, after);
      now.emitter().reported(key, before, after);
    }
  }

  private static void reject(
      Running now, RecordMetadata from, Record<byte[], byte[]> record, String reason) {
    log.atWarn()
        .addKeyValue("topic", from.topic())
        .addKeyValue("partition", from.partition())
        .addKeyValue("offset", from.offset())
        .addKeyValue("reason", reason)
        .log("record rejected");
    now.output()
        .rejected(
            new Rejected(
                from.topic(),
                from.partition(),
                from.offset(),
                reason,
                start(record.key()),
                start(record.value()),
                now.context().currentSystemTimeMs()));
  }

  /** Enough to recognise it, and small enough for any topic. */
  private static byte[] start(byte @Nullable [] bytes) {
    return bytes == null
        ? new byte[0]
        : Arrays.copyOf(bytes, Math.min(bytes.length, REJECTED_BYTES));
  }

  /**
   * Asks for a commit so that others see the outcome at once, but not more often than the interval:
   * a commit for each record would cost more than the record.
   */
  private void requestCommit(Running now) {
    long time = now.context().currentSystemTimeMs();
    if (time - commitRequestedAt >= commitInterval.toMillis()) {
      commitRequestedAt = time;
      now.context().commit();
    }
  }
}

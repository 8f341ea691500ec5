package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandRefused;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Materialized;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.TopoChange;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Takes commands, events and what streams come to, as it comes; see {@link AdmissionTopology}. */
final class AdmissionProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private static final Duration TICK = Duration.ofSeconds(1);

  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final Incoming incoming;
  private final String instance;
  private final CommitPace pace;
  private @Nullable Running running;

  AdmissionProcessor(
      SchemaRegistry registry, String instance, IntSupplier partitions, CommitPace pace) {
    this.serializer = new MessageSerializer(registry);
    this.deserializer = new MessageDeserializer(registry);
    this.incoming = new Incoming(deserializer, partitions);
    this.instance = instance;
    this.pace = pace;
  }

  private record Running(
      ProcessorContext<byte[], byte[]> context,
      Output output,
      StatusStore statuses,
      Admitter admitter,
      Commits commits,
      Cancellable tick) {}

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    Output output = new Output(context, serializer);
    StatusStore statuses =
        new StatusStore(
            context.getStateStore(AdmissionTopology.STATUSES),
            serializer,
            deserializer,
            output::status);
    Admitter admitter =
        new Admitter(
            context.getStateStore(AdmissionTopology.ADMISSIONS),
            new SeenCommands(context.getStateStore(AdmissionTopology.COMMAND_IDS)),
            statuses,
            deserializer,
            output,
            instance,
            context::currentSystemTimeMs);
    Commits commits = new Commits(context, pace);
    KeyValueStore<String, byte[]> untold = context.getStateStore(AdmissionTopology.UNTOLD);
    Cancellable tick =
        context.schedule(
            TICK,
            PunctuationType.WALL_CLOCK_TIME,
            time -> {
              try {
                boolean published = publishUntold(untold, statuses);
                if (admitter.tick() || published) {
                  commits.wrote(output.takeAwaited());
                }
              } catch (TimeoutException e) {
                // Behind that one Kafka Streams makes the task anew, and commits what it wrote
                // before with the other tasks of the thread, but not where it had got to.
                throw new StreamsException("what was left over could not be published", e);
              }
            });
    running = new Running(context, output, statuses, admitter, commits, tick);
  }

  /**
   * Kafka Streams revives a task whose transaction failed: this is closed and initialized again,
   * but what was scheduled before would go on, with what was read of the stores before.
   */
  @Override
  public void close() {
    if (running != null) {
      running.tick().cancel();
      running.commits().stop();
      running = null;
    }
  }

  private static boolean publishUntold(KeyValueStore<String, byte[]> untold, StatusStore statuses) {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all = untold.all()) {
      all.forEachRemaining(entry -> keys.add(entry.key));
    }
    for (String text : keys) {
      statuses.publish(WorkflowKey.parse(text));
      untold.delete(text);
    }
    return !keys.isEmpty();
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    Running now = Objects.requireNonNull(running, "init() comes first");
    RecordMetadata from = now.context().recordMetadata().orElseThrow();
    boolean awaited = false;
    switch (incoming.read(from.topic(), from.partition(), record.key(), record.value())) {
      case Incoming.Read.Understood(WorkflowKey key, Message message) -> {
        take(now, from, key, message, record);
        awaited = isAwaited(message);
      }
      case Incoming.Read.Unreadable(String reason) -> reject(now, from, record, reason);
    }
    now.commits().took(now.output().takeAwaited() || awaited, 0);
  }

  private void take(
      Running now,
      RecordMetadata from,
      WorkflowKey key,
      Message message,
      Record<byte[], byte[]> record) {
    switch (message) {
      case Command command -> now.admitter().came(key, command, queued(command, record));
      case Event event -> fold(now, from, key, event, record);
      case StreamSummary streams -> fold(now, from, key, streams, record);
      case StreamEvent _, Materialized _, TopoChange _, Rejected _, StreamBatch _ ->
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
    written(now, key, before, after);
    now.admitter().folded(key, event, before, after);
  }

  private void fold(
      Running now,
      RecordMetadata from,
      WorkflowKey key,
      StreamSummary streams,
      Record<byte[], byte[]> record) {
    WorkflowStatus before = now.statuses().get(key);
    WorkflowStatus after;
    try {
      after = Evolver.evolve(before, streams);
    } catch (RuntimeException e) {
      reject(now, from, record, "the summary of streams can't be folded: " + e);
      return;
    }
    written(now, key, before, after);
  }

  private static void written(
      Running now,
      WorkflowKey key,
      @Nullable WorkflowStatus before,
      @Nullable WorkflowStatus after) {
    if (!Objects.equals(before, after) || now.statuses().hasStreams(key)) {
      now.statuses().put(key, after);
    }
  }

  private static void reject(
      Running now, RecordMetadata from, Record<byte[], byte[]> record, String reason) {
    now.output()
        .rejected(
            Rejections.of(
                from.topic(),
                from.partition(),
                from.offset(),
                reason,
                record.key(),
                record.value(),
                now.context().currentSystemTimeMs()));
  }

  /**
   * Whether somebody waits for what comes of a message, whatever is sent for it: a command, or an
   * outcome. What an admission says of itself was acted on before, and the outcome soon comes
   * behind it.
   */
  private static boolean isAwaited(Message message) {
    return message instanceof Command
        || message instanceof CommandSucceeded
        || message instanceof CommandFailed
        || message instanceof CommandRefused;
  }
}

package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Materialized;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.TopoChange;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import dev.shunt.workflow.lifecycle.SplitStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntSupplier;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Takes commands, events and stream reports as they come; see {@link AdmissionTopology}. */
final class AdmissionProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(20);

  /**
   * Of statuses that are written between two commits, each of which goes to the topic and to the
   * changelog: a transaction is to be over long before the broker takes it for lost.
   */
  private static final long LARGEST_TRANSACTION = 16L * 1024 * 1024;

  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final Incoming incoming;
  private final String instance;
  private @Nullable Running running;
  private long lastRecordAt;
  private long uncommittedBytes;

  AdmissionProcessor(SchemaRegistry registry, String instance, IntSupplier partitions) {
    this.serializer = new MessageSerializer(registry);
    this.deserializer = new MessageDeserializer(registry);
    this.incoming = new Incoming(deserializer, partitions);
    this.instance = instance;
  }

  private record Running(
      ProcessorContext<byte[], byte[]> context,
      Output output,
      StatusStore statuses,
      Admitter admitter) {}

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
    running = new Running(context, output, statuses, admitter);
    KeyValueStore<String, byte[]> untold = context.getStateStore(AdmissionTopology.UNTOLD);
    context.schedule(
        TICK,
        PunctuationType.WALL_CLOCK_TIME,
        time -> {
          publishUntold(untold, statuses);
          admitter.tick();
        });
  }

  private static void publishUntold(KeyValueStore<String, byte[]> untold, StatusStore statuses) {
    List<String> keys = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all = untold.all()) {
      all.forEachRemaining(entry -> keys.add(entry.key));
    }
    for (String text : keys) {
      statuses.publish(WorkflowKey.parse(text));
      untold.delete(text);
    }
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
      case StreamBatch reports -> fold(now, from, key, reports, record);
      case StreamEvent _, Materialized _, TopoChange _, Rejected _ ->
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
    StatusStore.Kept kept = now.statuses().read(key, Set.of());
    WorkflowStatus before = kept.status().summary();
    WorkflowStatus after;
    try {
      after = Evolver.evolve(before, event);
    } catch (RuntimeException e) {
      reject(now, from, record, "the event can't be folded: " + e);
      return;
    }
    written(now, now.statuses().write(key, kept, kept.status().withSummary(after)));
    now.admitter().folded(key, event, before, after);
  }

  private void fold(
      Running now,
      RecordMetadata from,
      WorkflowKey key,
      StreamBatch reports,
      Record<byte[], byte[]> record) {
    StatusStore.Kept kept = now.statuses().read(key, reports.shards());
    SplitStatus after;
    try {
      after = Evolver.evolve(kept.status(), reports);
    } catch (RuntimeException e) {
      reject(now, from, record, "the stream reports can't be folded: " + e);
      return;
    }
    written(now, now.statuses().write(key, kept, after));
  }

  private void written(Running now, long bytes) {
    uncommittedBytes += bytes;
    if (uncommittedBytes >= LARGEST_TRANSACTION) {
      now.context().commit();
      uncommittedBytes = 0;
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
   * Asks for a commit after the first record that comes after a pause, so that others see at once
   * what comes of it. While there are more the commit interval gathers them: it begins when a
   * commit has ended, so however long one takes there is time between two in which records are
   * taken.
   */
  private void requestCommit(Running now) {
    long time = now.context().currentSystemTimeMs();
    if (time - lastRecordAt >= PAUSE.toMillis()) {
      now.context().commit();
    }
    lastRecordAt = time;
  }
}

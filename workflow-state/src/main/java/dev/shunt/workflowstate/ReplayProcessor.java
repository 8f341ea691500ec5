package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Materialized;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Relayed;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Folds events and stream reports and tells each state; admits nothing. */
final class ReplayProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final Incoming incoming;
  private @Nullable ProcessorContext<byte[], byte[]> context;
  private @Nullable StatusStore statuses;

  ReplayProcessor(SchemaRegistry registry, int partitions) {
    serializer = new MessageSerializer(registry);
    deserializer = new MessageDeserializer(registry);
    incoming = new Incoming(deserializer, () -> partitions);
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    statuses =
        new StatusStore(
            processorContext.getStateStore(AdmissionTopology.STATUSES), serializer, deserializer);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    ProcessorContext<byte[], byte[]> to = Objects.requireNonNull(context);
    RecordMetadata from = to.recordMetadata().orElseThrow();
    if (incoming.read(from.topic(), from.partition(), record.key(), record.value())
        instanceof Incoming.Read.Understood(WorkflowKey key, Message message)) {
      fold(key, message, record, to);
    }
  }

  private void fold(
      WorkflowKey key,
      Message message,
      Record<byte[], byte[]> record,
      ProcessorContext<byte[], byte[]> to) {
    StatusStore store = Objects.requireNonNull(statuses);
    WorkflowStatus before = store.get(key);
    WorkflowStatus after = evolve(before, message);
    if (!Objects.equals(after, before)) {
      byte[] name = key.toString().getBytes(StandardCharsets.UTF_8);
      to.forward(new Record<>(name, store.put(key, after), record.timestamp()));
    }
  }

  static @Nullable WorkflowStatus evolve(@Nullable WorkflowStatus status, Message message) {
    return switch (message) {
      case Event event -> Evolver.evolve(status, event);
      case StreamEvent report -> Evolver.evolve(status, report);
      case Command _, Materialized _, Relayed _ ->
          throw new IllegalArgumentException("cannot fold a " + message.getClass());
    };
  }
}

package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Materialized;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Relayed;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
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
            processorContext.getStateStore(AdmissionTopology.STATUSES),
            serializer,
            deserializer,
            (key, value) -> {
              byte[] name = key.toString().getBytes(StandardCharsets.UTF_8);
              processorContext.forward(
                  new Record<>(name, value, processorContext.currentSystemTimeMs()));
            });
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata from = Objects.requireNonNull(context).recordMetadata().orElseThrow();
    if (incoming.read(from.topic(), from.partition(), record.key(), record.value())
        instanceof Incoming.Read.Understood(WorkflowKey key, Message message)) {
      fold(key, message);
    }
  }

  private void fold(WorkflowKey key, Message message) {
    StatusStore store = Objects.requireNonNull(statuses);
    switch (message) {
      case Event event -> {
        StatusStore.Kept kept = store.read(key, Set.of());
        WorkflowStatus after = Evolver.evolve(kept.status().summary(), event);
        store.write(key, kept, kept.status().withSummary(after));
      }
      case StreamEvent report -> {
        StreamBatch reports = StreamBatch.of(report);
        StatusStore.Kept kept = store.read(key, reports.shards());
        store.write(key, kept, Evolver.evolve(kept.status(), reports));
      }
      case Command _, Materialized _, Relayed _ ->
          throw new IllegalArgumentException("cannot fold a " + message.getClass());
    }
  }
}

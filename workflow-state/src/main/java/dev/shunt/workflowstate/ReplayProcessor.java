package dev.shunt.workflowstate;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.Materialized;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Relayed;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.Evolver;
import dev.shunt.workflow.lifecycle.FoldedStreams;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Folds events and stream reports and publishes each state; admits nothing. */
final class ReplayProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final Incoming incoming;
  private @Nullable ProcessorContext<byte[], byte[]> context;
  private @Nullable StatusStore statuses;
  private @Nullable StreamStore streams;

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
            this::publish);
    streams =
        new StreamStore(
            processorContext.getStateStore(StreamFoldTopology.STREAMS),
            serializer,
            deserializer,
            new Published());
  }

  private void publish(StatusKey key, byte @Nullable [] value) {
    ProcessorContext<byte[], byte[]> to = Objects.requireNonNull(context);
    byte[] name = key.toString().getBytes(StandardCharsets.UTF_8);
    to.forward(new Record<>(name, value, to.currentSystemTimeMs()));
  }

  private final class Published implements StreamStore.Published {
    @Override
    public void shard(StatusKey key, byte @Nullable [] value) {
      publish(key, value);
    }

    @Override
    public void summary(WorkflowKey key, StreamSummary summary) {
      StatusStore store = Objects.requireNonNull(statuses);
      put(key, store.get(key), Evolver.evolve(store.get(key), summary));
    }
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
    switch (message) {
      case Event event -> {
        WorkflowStatus before = Objects.requireNonNull(statuses).get(key);
        put(key, before, Evolver.evolve(before, event));
      }
      case StreamEvent report -> {
        StreamStore store = Objects.requireNonNull(streams);
        StreamBatch reports = StreamBatch.of(report);
        FoldedStreams before = store.read(key, reports.shards());
        store.write(key, before, before.with(reports));
      }
      case Command _, Materialized _, Relayed _ ->
          throw new IllegalArgumentException("cannot fold a " + message.getClass());
    }
  }

  private void put(
      WorkflowKey key, @Nullable WorkflowStatus before, @Nullable WorkflowStatus after) {
    if (!Objects.equals(before, after)) {
      Objects.requireNonNull(statuses).put(key, after);
    }
  }
}

package dev.shunt.workflowstate;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.StatusKey;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamSummary;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.workflow.lifecycle.FoldedStreams;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Folds the stream reports of a workflow as they come; see {@link StreamFoldTopology}. */
final class StreamFoldProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final Incoming incoming;
  private final CommitPace pace;
  private @Nullable Running running;

  StreamFoldProcessor(SchemaRegistry registry, IntSupplier partitions, CommitPace pace) {
    this.serializer = new MessageSerializer(registry);
    this.deserializer = new MessageDeserializer(registry);
    this.incoming = new Incoming(deserializer, partitions);
    this.pace = pace;
  }

  private record Running(
      ProcessorContext<byte[], byte[]> context, StreamStore streams, Commits commits) {}

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    running =
        new Running(
            context,
            new StreamStore(
                context.getStateStore(StreamFoldTopology.STREAMS),
                serializer,
                deserializer,
                new Published(context, serializer)),
            new Commits(context, pace));
  }

  /** Sends on what the store writes. */
  private record Published(ProcessorContext<byte[], byte[]> context, MessageSerializer serializer)
      implements StreamStore.Published {
    @Override
    public void shard(StatusKey key, byte @Nullable [] value) {
      send(StreamFoldTopology.TO_SHARDS, key.toString(), value);
    }

    @Override
    public void summary(WorkflowKey key, StreamSummary summary) {
      send(
          StreamFoldTopology.TO_SUMMARIES,
          key.toString(),
          serializer.serialize(Topics.STREAM_SUMMARIES, summary));
    }

    private void send(String sink, String key, byte @Nullable [] value) {
      context.forward(
          new Record<>(
              key.getBytes(StandardCharsets.UTF_8),
              value,
              context.currentSystemTimeMs(),
              MessageHeaders.plain()),
          sink);
    }
  }

  @Override
  public void close() {
    if (running != null) {
      running.commits().stop();
    }
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    Running now = Objects.requireNonNull(running, "init() comes first");
    RecordMetadata from = now.context().recordMetadata().orElseThrow();
    long bytes = 0;
    switch (incoming.read(from.topic(), from.partition(), record.key(), record.value())) {
      case Incoming.Read.Understood(WorkflowKey key, Message message)
          when message instanceof StreamBatch reports ->
          bytes = fold(now, from, key, reports, record);
      case Incoming.Read.Understood(WorkflowKey _, Message message) ->
          throw new IllegalStateException("not told apart: " + message.getClass());
      case Incoming.Read.Unreadable(String reason) -> reject(now, from, record, reason);
    }
    now.commits().took(bytes > 0, bytes); // others follow all streams
  }

  /** Returns how many bytes were written. */
  private long fold(
      Running now,
      RecordMetadata from,
      WorkflowKey key,
      StreamBatch reports,
      Record<byte[], byte[]> record) {
    FoldedStreams before = now.streams().read(key, reports.shards());
    FoldedStreams after;
    try {
      after = before.with(reports);
    } catch (RuntimeException e) {
      reject(now, from, record, "the stream reports can't be folded: " + e);
      return 0;
    }
    if (after.equals(before)) {
      if (!reports.removed().isEmpty()) { // a status may name streams that were never known here
        now.streams().publishSummary(key, before);
      }
      return 0;
    }
    return now.streams().write(key, before, after);
  }

  private void reject(
      Running now, RecordMetadata from, Record<byte[], byte[]> record, String reason) {
    long time = now.context().currentSystemTimeMs();
    now.context()
        .forward(
            new Record<>(
                record.key(),
                serializer.serialize(
                    Topics.REJECTED,
                    Rejections.of(
                        from.topic(),
                        from.partition(),
                        from.offset(),
                        reason,
                        record.key(),
                        record.value(),
                        time)),
                time,
                MessageHeaders.plain()),
            StreamFoldTopology.TO_REJECTED);
  }
}

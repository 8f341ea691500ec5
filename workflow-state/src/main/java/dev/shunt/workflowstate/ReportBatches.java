package dev.shunt.workflowstate;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.StreamBatch;
import dev.shunt.schemas.StreamEvent;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.time.Time;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes the records that gathered reports are published as. */
final class ReportBatches {
  /** Reports of a batch together; one alone may be larger. */
  private static final int BATCH_BYTES = 1024 * 1024;

  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final Time time;

  ReportBatches(SchemaRegistry registry, Time time) {
    this.serializer = new MessageSerializer(registry);
    this.deserializer = new MessageDeserializer(registry);
    this.time = time;
  }

  /**
   * The reports of a workflow, in as many batches as they need to stay below what a record may be.
   *
   * @param partition of {@link Topics#STREAMS} that they come from
   * @throws dev.shunt.schemas.registry.RegistryException when the schema registry can't be reached
   */
  List<ProducerRecord<byte[], byte[]>> of(int partition, Gathering.Due due) {
    byte[] key = due.key().toString().getBytes(StandardCharsets.UTF_8);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    List<StreamStatus> reported = new ArrayList<>();
    List<StreamId> removed = new ArrayList<>();
    long bytes = 0;
    for (Gathering.Report report : due.reports()) {
      if (bytes + report.value().length > BATCH_BYTES) {
        addBatch(records, due.key(), key, reported, removed);
        bytes = 0;
      }
      bytes += report.value().length;
      try {
        StreamBatch one = StreamBatch.of((StreamEvent) deserializer.decode(report.value()));
        reported.addAll(one.reported());
        removed.addAll(one.removed());
      } catch (UndecodableException e) {
        records.add(
            of(
                Rejections.of(
                    Topics.STREAMS,
                    partition,
                    report.offset(),
                    "the value " + e.getMessage(),
                    key,
                    report.value(),
                    time.millis())));
      }
    }
    addBatch(records, due.key(), key, reported, removed);
    return records;
  }

  private void addBatch(
      List<ProducerRecord<byte[], byte[]>> records,
      WorkflowKey workflow,
      byte[] key,
      List<StreamStatus> reported,
      List<StreamId> removed) {
    if (!reported.isEmpty() || !removed.isEmpty()) {
      records.add(
          record(
              Topics.STREAM_BATCHES,
              key,
              new StreamBatch(workflow.keyspace(), workflow.workflow(), reported, removed)));
      reported.clear();
      removed.clear();
    }
  }

  /** What says that a record was rejected. */
  ProducerRecord<byte[], byte[]> of(Rejected rejected) {
    return record(Topics.REJECTED, rejected.key(), rejected);
  }

  private ProducerRecord<byte[], byte[]> record(String topic, byte[] key, Message message) {
    return new ProducerRecord<>(
        topic,
        null,
        time.millis(),
        key,
        serializer.serialize(topic, message),
        MessageHeaders.plain());
  }
}

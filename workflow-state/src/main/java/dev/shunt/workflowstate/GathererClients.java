package dev.shunt.workflowstate;

import dev.shunt.schemas.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes the clients that gather stream reports. */
final class GathererClients {
  private static final int RECORDS_OF_A_POLL = 5000;

  /** A close waits for a call that is under way. */
  private static final long LONGEST_CALL_MILLIS = 10_000;

  private GathererClients() {}

  /** A member of the group that reads the reports. */
  static Consumer<byte[], byte[]> consumer(WorkflowStateConfig config) {
    Map<String, Object> all = config.kafka().groupConsumer(group(config));
    all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_OF_A_POLL);
    return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Makes producers, each of which ends the open transaction of the one before it: an open one
   * hides all that others write behind it.
   */
  static Supplier<Producer<byte[], byte[]>> producers(WorkflowStateConfig config) {
    Map<String, Object> all = config.kafka().producer();
    all.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group(config) + "-" + UUID.randomUUID());
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LONGEST_CALL_MILLIS);
    all.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, config.kafka().sessionTimeoutMillis());
    all.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    all.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, StreamsSettings.RETRY_MILLIS);
    return () -> new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Has the groups begin where versions before stopped, whose admission read the reports itself, or
   * folded the batches of them: what lies before that is folded, and is older than what comes of it
   * again. Does nothing with a group that has offsets of its own.
   *
   * @throws org.apache.kafka.common.KafkaException when the cluster refuses
   */
  static void inheritOffsets(Admin admin, WorkflowStateConfig config) {
    inheritOffsets(admin, config, Topics.STREAMS, group(config));
    inheritOffsets(admin, config, Topics.STREAM_BATCHES, StreamsSettings.streamFoldId(config));
  }

  private static void inheritOffsets(
      Admin admin, WorkflowStateConfig config, String topic, String group) {
    if (!offsets(admin, group, topic).isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> before = offsets(admin, config.applicationId(), topic);
    if (before.isEmpty()) {
      return;
    }
    try {
      admin.alterConsumerGroupOffsets(group, before).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof UnknownMemberIdException)) { // else somebody reads already
        throw new KafkaException("the offsets of " + group + " can't be set", e.getCause());
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(
      Admin admin, String group, String topic) {
    try {
      Map<TopicPartition, OffsetAndMetadata> reports = new HashMap<>();
      admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .forEach((partition, offset) -> {
            if (partition.topic().equals(topic) && offset != null) {
              reports.put(partition, offset);
            }
          });
      return reports;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return Map.of();
      }
      throw new KafkaException("the offsets of " + group + " can't be read", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static String group(WorkflowStateConfig config) {
    return config.applicationId() + "-reports";
  }
}

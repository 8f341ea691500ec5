package dev.shunt.workflowstate;

import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
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

  /** Group that reads the reports. */
  static String group(WorkflowStateConfig config) {
    return config.applicationId() + "-reports";
  }
}

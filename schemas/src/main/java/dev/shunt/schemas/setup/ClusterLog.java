package dev.shunt.schemas.setup;

import dev.shunt.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The cluster's own topic. Of what several processes write at once the first record counts, for all
 * of them: its one partition has one order.
 */
final class ClusterLog {
  private static final TopicPartition PARTITION = new TopicPartition(Topics.CLUSTER, 0);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Map<String, Object> kafka;

  /**
   * @param kafka settings of Kafka clients: {@code bootstrap.servers}, security
   */
  ClusterLog(Map<String, ?> kafka) {
    this.kafka = Map.copyOf(kafka);
  }

  /**
   * What stands first on the topic, be the topic there or not.
   *
   * @throws KafkaException when it can't be read
   */
  FirstRecord first() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    KafkaConsumer<byte[], byte[]> consumer = consumer();
    try {
      if (consumer.partitionsFor(Topics.CLUSTER).isEmpty()) {
        return new FirstRecord.Missing();
      }
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
      while (consumer.position(PARTITION) < end) {
        Iterator<ConsumerRecord<byte[], byte[]>> records = consumer.poll(POLL).iterator();
        if (records.hasNext()) {
          return read(records.next());
        }
        if (System.nanoTime() - deadline > 0) {
          throw new TimeoutException(Topics.CLUSTER + " can't be read: no broker answers for it");
        }
      }
      return new FirstRecord.Missing();
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  /**
   * As {@link #first()}, where a record was written: brokers that don't know of it yet are asked
   * again.
   */
  FirstRecord awaitFirst() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      FirstRecord first = first();
      if (!(first instanceof FirstRecord.Missing)) {
        return first;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException("what was written to " + Topics.CLUSTER + " can't be read");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static FirstRecord read(ConsumerRecord<byte[], byte[]> record) {
    byte @Nullable [] value = record.value();
    if (value == null) {
      return new FirstRecord.Foreign("it has no value");
    }
    try {
      return new FirstRecord.Written(
          ClusterRecord.ofJson(value), Instant.ofEpochMilli(record.timestamp()));
    } catch (IllegalArgumentException e) {
      return new FirstRecord.Foreign(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Writes a record, behind whatever is there; returns when all replicas have it.
   *
   * @throws KafkaException when the cluster refuses
   */
  void append(ClusterRecord record) {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      RecordMetadata unused =
          producer.send(new ProducerRecord<>(Topics.CLUSTER, record.toJson())).get();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e);
    }
  }

  /** What all replicas have is read, whoever else has a transaction open. */
  private KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }
}

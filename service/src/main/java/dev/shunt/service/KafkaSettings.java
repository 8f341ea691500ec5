package dev.shunt.service;

import dev.shunt.schemas.Topics;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Where Kafka and the schema registry are.
 *
 * @param bootstrapServers comma list of host:port
 * @param registryUrl base address of a Confluent-compatible schema registry
 * @param replicationFactor replicas of the topics that are created, at least 1
 * @param partitions how many partitions each topic has that is keyed by workflow, up to {@link
 *     Topics#MOST_PARTITIONS}; 0 for as many as the cluster's record says, and {@link
 *     Topics#PARTITIONS} in a new cluster
 * @param sessionTimeoutMillis after how long a silent member of a group is taken for dead,
 *     milliseconds, 1000 to 300000; a successor takes over about then
 * @param properties further client properties, for instance for TLS
 */
public record KafkaSettings(
    String bootstrapServers,
    String registryUrl,
    int replicationFactor,
    int partitions,
    int sessionTimeoutMillis,
    Map<String, String> properties) {
  /**
   * Kafka's {@code retry.backoff.ms}, which is also how often a member's heartbeat looks if it is
   * due.
   */
  public static final int RETRY_BACKOFF_MILLIS = 250;

  private static final int READER_WAIT_MILLIS = 10;

  public KafkaSettings {
    if (replicationFactor < 1) {
      throw new IllegalArgumentException("kafka.replicationFactor must be at least 1");
    }
    if (partitions < 0 || partitions > Topics.MOST_PARTITIONS) {
      throw new IllegalArgumentException(
          "kafka.partitions must be 1 to %d, or 0 for as many as the cluster has"
              .formatted(Topics.MOST_PARTITIONS));
    }
    if (sessionTimeoutMillis < 1000 || sessionTimeoutMillis > 300_000) {
      throw new IllegalArgumentException("kafka.sessionTimeoutMillis must be 1000 to 300000");
    }
    properties = Map.copyOf(properties);
  }

  /** Without what may be secret: user information of the registry, values of properties. */
  @Override
  public String toString() {
    return "KafkaSettings[bootstrapServers=%s, registryUrl=%s, replicationFactor=%d, partitions=%d, sessionTimeoutMillis=%d, properties of %s]"
        .formatted(
            bootstrapServers,
            Redaction.ofList(registryUrl),
            replicationFactor,
            partitions,
            sessionTimeoutMillis,
            properties.keySet());
  }

  /** A single local broker. */
  public static KafkaSettings defaults() {
    return new KafkaSettings("127.0.0.1:9092", "http://127.0.0.1:8081", 1, 0, 2500, Map.of());
  }

  /** Settings with other addresses. */
  public KafkaSettings at(String bootstrap, String registry) {
    return new KafkaSettings(
        bootstrap, registry, replicationFactor, partitions, sessionTimeoutMillis, properties);
  }

  /** Settings with these client properties in place of those there are. */
  public KafkaSettings withProperties(Map<String, String> other) {
    return new KafkaSettings(
        bootstrapServers, registryUrl, replicationFactor, partitions, sessionTimeoutMillis, other);
  }

  /** Settings with another number of partitions. */
  public KafkaSettings withPartitions(int number) {
    return new KafkaSettings(
        bootstrapServers, registryUrl, replicationFactor, number, sessionTimeoutMillis, properties);
  }

  /** Settings with another session timeout. */
  public KafkaSettings withSessionTimeout(int millis) {
    return new KafkaSettings(
        bootstrapServers, registryUrl, replicationFactor, partitions, millis, properties);
  }

  /** Properties of an admin client. */
  public Map<String, Object> admin() {
    return client();
  }

  /** Properties of a producer that loses and repeats nothing; without serializers. */
  public Map<String, Object> producer() {
    Map<String, Object> all = client();
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    all.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_MESSAGE_BYTES);
    return all;
  }

  /** Properties of a consumer of committed records; without deserializers. */
  public Map<String, Object> consumer() {
    Map<String, Object> all = client();
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return all;
  }

  /**
   * Properties of a consumer that reads committed records up to an end that it knows; without
   * deserializers. A fetch that finds nothing stands before whatever else it asks the broker for,
   * its close included, so it is answered soon.
   */
  public Map<String, Object> reader() {
    Map<String, Object> all = consumer();
    all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, READER_WAIT_MILLIS);
    return all;
  }

  /** As {@link #reader()}; it also sees open and aborted transactions. */
  public Map<String, Object> uncommittedReader() {
    Map<String, Object> all = reader();
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    return all;
  }

  /** Properties of a member of a group; without deserializers. */
  public Map<String, Object> groupConsumer(String group) {
    Map<String, Object> all = consumer();
    all.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    all.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, sessionTimeoutMillis);
    all.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, Math.max(200, sessionTimeoutMillis / 5));
    all.put(ConsumerConfig.RETRY_BACKOFF_MS_CONFIG, RETRY_BACKOFF_MILLIS);
    return all;
  }

  private Map<String, Object> client() {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("bootstrap.servers", bootstrapServers);
    return all;
  }
}

package dev.shunt.client;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.schemas.setup.ClusterSetup;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Where Kafka and the schema registry are: what {@link ShuntClient}, {@link WorkflowTable} and
 * {@link AuditLog} are made with. May be shared by all of them; close it after them.
 */
public final class Connection implements AutoCloseable {
  private final Map<String, Object> kafka;
  private final SchemaRegistry registry;
  private final @Nullable HttpRegistryClient owned;

  /**
   * @param kafka settings of Kafka clients: {@code bootstrap.servers}, security
   * @param registry gives the schemas; not closed by this
   */
  public Connection(Map<String, ?> kafka, SchemaRegistry registry) {
    this.kafka = Map.copyOf(kafka);
    this.registry = registry;
    this.owned = null;
  }

  private Connection(Map<String, ?> kafka, HttpRegistryClient registry) {
    this.kafka = Map.copyOf(kafka);
    this.registry = registry;
    this.owned = registry;
  }

  /**
   * A connection without security.
   *
   * @param bootstrapServers comma list of Kafka's host:port
   * @param registryUrl base URL of a Confluent-compatible registry
   */
  public static Connection to(String bootstrapServers, String registryUrl) {
    return new Connection(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
        new HttpRegistryClient(registryUrl));
  }

  /** The schemas. */
  public SchemaRegistry registry() {
    return registry;
  }

  /** A producer that loses and repeats nothing, and says so within half a minute. */
  KafkaProducer<String, Message> producer() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_MESSAGE_BYTES);
    return new KafkaProducer<>(settings, new StringSerializer(), new MessageSerializer(registry));
  }

  /** A consumer of committed records, outside any group, that waits for new ones. */
  KafkaConsumer<byte[], byte[]> consumer() {
    return consumer(Map.of());
  }

  /**
   * A consumer of committed records, outside any group.
   *
   * @param fetchWait how long the broker holds a fetch that finds nothing; meanwhile the consumer
   *     fetches nothing else from that broker
   */
  KafkaConsumer<byte[], byte[]> consumer(Duration fetchWait) {
    return consumer(Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) fetchWait.toMillis()));
  }

  /** As {@link #consumer(Duration)}, for whoever reads a whole topic: in large pieces. */
  KafkaConsumer<byte[], byte[]> bulkConsumer(Duration fetchWait) {
    return consumer(
        Map.of(
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
            (int) fetchWait.toMillis(),
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            5000));
  }

  private KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> further) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.putAll(further);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** How many partitions the cluster's record says; empty when there is none that can be read. */
  OptionalInt recordedPartitions() {
    return ClusterSetup.recordedPartitions(kafka);
  }

  Admin admin() {
    return Admin.create(new HashMap<>(kafka));
  }

  MessageDeserializer deserializer() {
    return new MessageDeserializer(registry);
  }

  @Override
  public void close() {
    if (owned != null) {
      owned.close();
    }
  }
}

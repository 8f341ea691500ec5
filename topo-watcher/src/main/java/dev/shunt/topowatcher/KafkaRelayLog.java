package dev.shunt.topowatcher;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.SchemaRegistration;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamReported;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.TopoChange;
import dev.shunt.schemas.Transactions;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.ClusterTopics;
import dev.shunt.service.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log in Kafka. All instances share one transactional id: taking over fences whoever wrote
 * before, so an instance that slept through the loss of its lock cannot write any more.
 */
final class KafkaRelayLog implements RelayLog {
  private static final Logger log = LoggerFactory.getLogger(KafkaRelayLog.class);
  private static final String TRANSACTIONAL_ID = "shunt-topo-watcher";
  private static final int TRANSACTION_TIMEOUT_MILLIS = 5000;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final KafkaSettings settings;
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;
  private final StatusFollower follower;
  private final SchemaRegistry registry;

  KafkaRelayLog(KafkaSettings settings, SchemaRegistry registry) {
    this.settings = settings;
    this.registry = registry;
    this.serializer = new MessageSerializer(registry);
    this.deserializer = new MessageDeserializer(registry);
    this.follower = new StatusFollower(() -> consumer(settings.consumer()), deserializer, RETRY);
  }

  @Override
  public void start() {
    int unused = ClusterTopics.ensure(settings, "topo-watcher");
    SchemaRegistration.register(
        registry, List.of(TopoChange.class, StreamReported.class, StreamRemoved.class));
    follower.start();
  }

  private @Nullable Message decode(ConsumerRecord<String, byte[]> record) {
    try {
      return deserializer.deserialize(record.topic(), record.value());
    } catch (UndecodableException e) {
      log.atWarn()
          .addKeyValue("topic", record.topic())
          .addKeyValue("offset", record.offset())
          .addKeyValue("cause", e.getMessage())
          .log("unreadable record passed over");
      return null;
    }
  }

  private static Consumer<String, byte[]> consumer(Map<String, Object> properties) {
    return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
  }

  private void readToEnd(String topic, BiConsumer<String, @Nullable Message> reader) {
    try (Consumer<String, byte[]> consumer = consumer(settings.reader())) {
      List<TopicPartition> partitions = StatusFollower.assignFromStart(consumer, topic);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(POLL).forEach(record -> reader.accept(record.key(), decode(record)));
      }
    }
  }

  @Override
  public Map<String, TopoChange> topoChanges() {
    Map<String, TopoChange> changes = new HashMap<>();
    readToEnd(
        Topics.TOPO,
        (key, message) -> {
          if (message instanceof TopoChange change) {
            changes.put(key, change);
          } else {
            changes.remove(key);
          }
        });
    return changes;
  }

  @Override
  public Map<WorkflowKey, WorkflowStatus> statuses() {
    return follower.statuses();
  }

  @Override
  public Writer takeOver() {
    Map<String, Object> properties = settings.producer();
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID);
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MILLIS);
    Producer<String, Message> producer =
        new KafkaProducer<>(properties, new StringSerializer(), serializer);
    try {
      producer.initTransactions();
      return new KafkaWriter(producer);
    } catch (KafkaException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  private record KafkaWriter(Producer<String, Message> producer) implements Writer {
    @Override
    public void write(List<RelayRecord> records) {
      Transactions.commit(producer, () -> records.forEach(this::send));
    }

    private void send(RelayRecord record) {
      var unused =
          producer.send(
              new ProducerRecord<>(
                  record.topic(),
                  null,
                  record.key(),
                  record.value(),
                  record.value() == null ? null : MessageHeaders.plain()));
    }

    @Override
    public void close() {
      // What is not committed is not to be written any more: the successor writes it.
      producer.close(Duration.ZERO);
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}

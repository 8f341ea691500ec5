package dev.shunt.saga;

import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.MessageSerializer;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.KafkaSettings;
import dev.shunt.service.KafkaWatch;
import dev.shunt.time.Time;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The Kafka side of a service that runs tasks: takes them from a topic, writes and reads events.
 */
public final class SagaRuntime implements AutoCloseable {
  private final KafkaEventSink sink;
  private final TaskRunner runner;
  private final KafkaWatch watch;

  /**
   * Takes no tasks before {@link #start}.
   *
   * @param service short name; the group is {@code shunt-<service>}
   * @param topic task topic of the service
   * @param registry gives and takes schemas; stays the caller's
   * @param handler makes the handler from where it publishes events and what was published before
   */
  public SagaRuntime(
      String service,
      String topic,
      KafkaSettings kafka,
      SchemaRegistry registry,
      Time time,
      SagaSettings settings,
      BiFunction<EventSink, EventHistory, TaskHandler> handler) {
    this.watch = new KafkaWatch(service, kafka);
    MessageDeserializer deserializer = new MessageDeserializer(registry);
    this.sink =
        new KafkaEventSink(
            Topics.EVENTS, () -> producer(kafka.producer()), new MessageSerializer(registry));
    EventHistory history =
        new KafkaEventHistory(
            Topics.EVENTS, () -> consumer(kafka.uncommittedReader()), deserializer);
    this.runner =
        new TaskRunner(
            topic,
            () -> consumer(kafka.groupConsumer("shunt-" + service)),
            deserializer,
            new RejectionPublisher(
                () -> producer(kafka.producer()), new MessageSerializer(registry)),
            handler.apply(sink, history),
            time,
            settings);
  }

  private static Producer<String, byte[]> producer(Map<String, Object> properties) {
    return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
  }

  private static Consumer<String, byte[]> consumer(Map<String, Object> properties) {
    return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** Begins to take tasks; returns when the group has assigned partitions, or after 10 s. */
  public void start() {
    watch.start();
    runner.start();
    try {
      boolean unused = runner.awaitAssignment(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    watch.close();
    runner.close();
    sink.close();
  }
}

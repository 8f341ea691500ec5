package dev.shunt.saga;

import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.MessageHeaders;
import dev.shunt.schemas.WorkflowKey;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to a topic, keyed by workflow. The producer waits for all replicas and is
 * idempotent; one that broke is replaced, and each event that it lost is reported to its sender.
 */
public final class KafkaEventSink implements EventSink, AutoCloseable {
  /** How long a broken producer may take to end what it has. */
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final String topic;
  private final Supplier<Producer<String, byte[]>> producers;
  private final Serializer<Message> serializer;
  private final AtomicReference<@Nullable Producer<String, byte[]>> broken =
      new AtomicReference<>();

  /** Guards {@link #producer}. */
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable Producer<String, byte[]> producer;

  /**
   * Publishes to a topic by producers of its own, which are made when they are needed.
   *
   * @param topic topic of the events
   * @param producers makes producers
   * @param serializer writes the values
   */
  public KafkaEventSink(
      String topic, Supplier<Producer<String, byte[]>> producers, Serializer<Message> serializer) {
    this.topic = topic;
    this.producers = producers;
    this.serializer = serializer;
  }

  @Override
  public Future<?> send(Event event, String traceparent) {
    String key = WorkflowKey.of(event.header()).toString();
    byte[] value = serializer.serialize(topic, event);
    CompletableFuture<Boolean> written = new CompletableFuture<>();
    Producer<String, byte[]> with = producer();
    var unused =
        with.send(
            new ProducerRecord<>(
                topic,
                null,
                event.header().at(),
                key,
                value,
                MessageHeaders.ofEvent(event.header().commandId(), traceparent)),
            (metadata, e) -> {
              if (e == null) {
                written.complete(true);
              } else {
                broken.set(with);
                written.completeExceptionally(e);
              }
            });
    return written;
  }

  private Producer<String, byte[]> producer() {
    lock.lock();
    try {
      if (producer != null && broken.compareAndSet(producer, null)) {
        producer.close(CLOSE);
        producer = null;
      }
      if (producer == null) {
        producer = producers.get();
      }
      return producer;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (producer != null) {
        producer.close();
        producer = null;
      }
    } finally {
      lock.unlock();
    }
  }
}

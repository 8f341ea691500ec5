package dev.shunt.saga;

import dev.shunt.schemas.Event;
import dev.shunt.schemas.Message;
import dev.shunt.schemas.WorkflowKey;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to a topic, keyed by workflow. The producer waits for all replicas and is
 * idempotent; one that broke is replaced, and what it lost is told by {@link #flush}.
 */
public final class KafkaEventSink implements EventSink, AutoCloseable {
  private final String topic;
  private final Supplier<Producer<String, byte[]>> producers;
  private final Serializer<Message> serializer;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private @Nullable Producer<String, byte[]> producer;

  /**
   * Wires it.
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
  public void send(Event event) {
    String key = WorkflowKey.of(event.header()).toString();
    byte[] value = serializer.serialize(topic, event);
    var unused =
        producer()
            .send(
                new ProducerRecord<>(topic, null, event.header().at(), key, value),
                (metadata, e) -> {
                  if (e != null) {
                    failure.compareAndSet(null, e);
                  }
                });
  }

  @Override
  public void flush() {
    producer().flush();
    Exception lost = failure.getAndSet(null);
    if (lost != null) {
      replace();
      throw new IllegalStateException("could not write events to " + topic, lost);
    }
  }

  private synchronized Producer<String, byte[]> producer() {
    if (producer == null) {
      producer = producers.get();
    }
    return producer;
  }

  private synchronized void replace() {
    if (producer != null) {
      producer.close();
      producer = null;
    }
  }

  @Override
  public void close() {
    replace();
  }
}

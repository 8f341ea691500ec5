package dev.shunt.saga;

import dev.shunt.schemas.Message;
import dev.shunt.schemas.Rejected;
import dev.shunt.schemas.Topics;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serializer;

/** Tells {@code shunt.rejected} of records that can't be handled. They are rare. */
final class RejectionPublisher implements Consumer<Rejected> {
  private final Supplier<Producer<String, byte[]>> producers;
  private final Serializer<Message> serializer;

  /** Makes a producer for each record. */
  RejectionPublisher(Supplier<Producer<String, byte[]>> producers, Serializer<Message> serializer) {
    this.producers = producers;
    this.serializer = serializer;
  }

  @Override
  public void accept(Rejected rejected) {
    byte[] value = serializer.serialize(Topics.REJECTED, rejected);
    try (Producer<String, byte[]> producer = producers.get()) {
      var unused = producer.send(new ProducerRecord<>(Topics.REJECTED, value));
      producer.flush();
    }
  }
}

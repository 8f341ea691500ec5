package dev.shunt.schemas;

import dev.shunt.schemas.registry.SchemaRegistry;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Both directions of {@link Message} for Kafka Streams. */
public final class MessageSerde implements Serde<Message> {
  private final MessageSerializer serializer;
  private final MessageDeserializer deserializer;

  /** For Kafka, which calls {@link #configure} next. */
  public MessageSerde() {
    serializer = new MessageSerializer();
    deserializer = new MessageDeserializer();
  }

  /**
   * @param registry gives ids and schemas; not closed by this
   */
  public MessageSerde(SchemaRegistry registry) {
    serializer = new MessageSerializer(registry);
    deserializer = new MessageDeserializer(registry);
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    serializer.configure(configs, isKey);
    deserializer.configure(configs, isKey);
  }

  @Override
  public Serializer<Message> serializer() {
    return serializer;
  }

  @Override
  public Deserializer<Message> deserializer() {
    return deserializer;
  }

  @Override
  public void close() {
    serializer.close();
    deserializer.close();
  }
}

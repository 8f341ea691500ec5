package dev.shunt.schemas;

import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records in Confluent's wire format: a zero byte, the schema's id in four bytes, Avro
 * binary. The subject of a schema is its full record name (RecordNameStrategy). Null stays null, a
 * tombstone.
 */
public final class MessageSerializer implements Serializer<Message> {
  /** Setting with the registry's URL, for serializers that Kafka makes by class name. */
  public static final String REGISTRY_URL = "schema.registry.url";

  static final byte MAGIC = 0;

  private @Nullable SchemaRegistry registry;
  private @Nullable HttpRegistryClient owned;

  /** For Kafka, which calls {@link #configure} next. */
  public MessageSerializer() {}

  /**
   * @param registry gives the ids; not closed by this
   */
  public MessageSerializer(SchemaRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    if (registry == null) {
      owned = new HttpRegistryClient(registryUrl(configs));
      registry = owned;
    }
  }

  /**
   * The bytes of a record; the same for equal records.
   *
   * @throws dev.shunt.schemas.registry.RegistryException when the registry refuses the schema or
   *     can't be reached
   */
  @Override
  public byte @Nullable [] serialize(@Nullable String topic, @Nullable Message message) {
    if (message == null) {
      return null;
    }
    if (registry == null) {
      throw new SerializationException("no schema registry: configure() was not called");
    }
    Class<? extends Message> type = message.getClass();
    int id = registry.register(MessageTypes.nameOf(type), SchemaFiles.schemaOf(type));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    bytes.write(MAGIC);
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(id).array());
    RecordCodec.encode(message, bytes);
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    if (owned != null) {
      owned.close();
    }
  }

  static String registryUrl(Map<String, ?> configs) {
    if (configs.get(REGISTRY_URL) instanceof String url) {
      return url;
    }
    throw new SerializationException(REGISTRY_URL + " is not set");
  }
}

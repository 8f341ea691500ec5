package dev.shunt.schemas;

import dev.shunt.schemas.UndecodableException.Kind;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.schemas.registry.RegistryException;
import dev.shunt.schemas.registry.SchemaRegistry;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link MessageSerializer} or any other Confluent-compatible serializer wrote. The
 * schema it was written in is resolved to the one of this build, so older and newer writers are
 * understood.
 */
public final class MessageDeserializer implements Deserializer<Message> {
  /** Bytes in front of the record. */
  static final int HEADER = 1 + Integer.BYTES;

  private @Nullable SchemaRegistry registry;
  private @Nullable HttpRegistryClient owned;

  /** For Kafka, which calls {@link #configure} next. */
  public MessageDeserializer() {}

  /**
   * @param registry gives the schemas; not closed by this
   */
  public MessageDeserializer(SchemaRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    if (registry == null) {
      owned = new HttpRegistryClient(MessageSerializer.registryUrl(configs));
      registry = owned;
    }
  }

  /**
   * The record of some bytes; null for null, a tombstone.
   *
   * @throws UndecodableException when they are no record of Shunt
   * @throws RegistryException when the registry can't be reached, or refuses to answer: the bytes
   *     may be fine
   */
  @Override
  public @Nullable Message deserialize(@Nullable String topic, byte @Nullable [] bytes) {
    return bytes == null ? null : decode(bytes);
  }

  /** As {@link #deserialize}, for bytes that are there. */
  public Message decode(byte[] bytes) {
    return RecordCodec.decode(writer(bytes), bytes, HEADER);
  }

  /** The schema that some bytes were written in; fails as {@link #decode}. */
  Schema writer(byte[] bytes) {
    if (registry == null) {
      throw new SerializationException("no schema registry: configure() was not called");
    }
    if (bytes.length < HEADER || bytes[0] != MessageSerializer.MAGIC) {
      throw new UndecodableException(
          Kind.NOT_WIRE_FORMAT, "does not start with a zero byte and a schema id of four bytes");
    }
    return schema(registry, ByteBuffer.wrap(bytes).getInt(1));
  }

  private static Schema schema(SchemaRegistry registry, int id) {
    try {
      return registry.byId(id);
    } catch (RegistryException e) {
      if (!e.isFinal()) {
        throw e;
      }
      throw new UndecodableException(
          Kind.UNKNOWN_SCHEMA,
          e.status() == 404
              ? "the registry has no schema with id " + id
              : "the registry has no Avro schema with id %d: %s".formatted(id, e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    if (owned != null) {
      owned.close();
    }
  }
}

package dev.shunt.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.schemas.registry.Compatibility;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records of the registry's topic as JSON, in the layout that Confluent's registry keeps in its
 * {@code _schemas}: {@code keytype} SCHEMA and CONFIG.
 */
final class RegistryRecordCodec {
  private final ObjectMapper json = new ObjectMapper();

  ProducerRecord<byte[], byte[]> write(String topic, RegistryRecord record) {
    return switch (record) {
      case RegistryRecord.Version version -> {
        ObjectNode key = json.createObjectNode().put("keytype", "SCHEMA");
        key.put("subject", version.subject()).put("version", version.version()).put("magic", 1);
        ObjectNode value = json.createObjectNode().put("subject", version.subject());
        value.put("version", version.version()).put("id", version.id());
        value.put("schema", version.schema()).put("deleted", false);
        yield new ProducerRecord<>(topic, 0, bytes(key), bytes(value));
      }
      case RegistryRecord.Level level -> {
        ObjectNode key = json.createObjectNode().put("keytype", "CONFIG");
        key.put("subject", level.subject()).put("magic", 0);
        Compatibility set = level.level();
        yield new ProducerRecord<>(
            topic,
            0,
            bytes(key),
            set == null
                ? null
                : bytes(json.createObjectNode().put("compatibilityLevel", set.name())));
      }
    };
  }

  /**
   * The record of a key and value; null for kinds that say nothing here.
   *
   * @throws IOException when they are not JSON of that layout
   */
  @Nullable RegistryRecord read(byte @Nullable [] key, byte @Nullable [] value) throws IOException {
    if (key == null) {
      throw new IOException("no key");
    }
    JsonNode name = parse(key);
    return switch (name.path("keytype").asText()) {
      case "SCHEMA" -> value == null ? null : version(parse(value));
      case "CONFIG" -> level(name.path("subject"), value);
      case "NOOP" -> null;
      default -> throw new IOException("unknown kind of record: " + name);
    };
  }

  private static RegistryRecord version(JsonNode value) throws IOException {
    if (!value.path("subject").isTextual()
        || !value.path("version").isInt()
        || !value.path("id").isInt()
        || !value.path("schema").isTextual()) {
      throw new IOException("a field of a schema is missing");
    }
    return new RegistryRecord.Version(
        value.path("subject").asText(),
        value.path("version").asInt(),
        value.path("id").asInt(),
        value.path("schema").asText());
  }

  private RegistryRecord level(JsonNode subject, byte @Nullable [] value) throws IOException {
    try {
      return new RegistryRecord.Level(
          subject.isTextual() ? subject.asText() : null,
          value == null
              ? null
              : Compatibility.parse(parse(value).path("compatibilityLevel").asText()));
    } catch (IllegalArgumentException e) {
      throw new IOException("unknown compatibility level", e);
    }
  }

  private JsonNode parse(byte[] text) throws IOException {
    try {
      return json.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IOException("not JSON", e);
    }
  }

  private static byte[] bytes(JsonNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }
}

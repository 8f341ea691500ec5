package dev.shunt.cli.log;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.cli.vtctld.GlobalOptions;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.MessageTypes;
import dev.shunt.schemas.SchemaFiles;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Commands as JSON: {@code type} names the record, the other members are its fields. Those of the
 * header may stand in {@code header} or beside the others. What is left out has the default of its
 * schema.
 */
final class CommandJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> HEADER =
      Stream.of(CommandHeader.class.getRecordComponents())
          .map(component -> component.getName())
          .collect(Collectors.toUnmodifiableSet());

  private static final SortedMap<String, Class<? extends Command>> TYPES =
      new TreeMap<>(
          MessageTypes.all().stream()
              .filter(Command.class::isAssignableFrom)
              .collect(
                  Collectors.toMap(Class::getSimpleName, type -> type.asSubclass(Command.class))));

  private CommandJson() {}

  /** Reads a command; IllegalArgumentException names what is unknown or malformed. */
  static Command read(ObjectNode given, GlobalOptions options, long now) {
    String name = given.path("type").asText();
    Class<? extends Command> type = TYPES.get(name);
    if (type == null) {
      throw new IllegalArgumentException(
          "unknown type of command '%s': one of %s"
              .formatted(name, String.join(", ", TYPES.keySet())));
    }
    JsonNode schema = schemaOf(type);
    ObjectNode full = defaults(schema);
    ObjectNode header = defaults(schema.at("/fields/0/type"));
    header.put("commandId", options.commandId == null ? newId() : options.commandId);
    header.put("issuer", options.issuer);
    header.put("reason", options.reason);
    header.put("expectedVersion", options.expectedVersion);
    header.put("issuedAt", now);
    full.set("header", header);
    for (Map.Entry<String, JsonNode> field : given.properties()) {
      if (field.getKey().equals("header") && field.getValue() instanceof ObjectNode nested) {
        header.setAll(nested);
      } else if (HEADER.contains(field.getKey())) {
        header.set(field.getKey(), field.getValue());
      } else if (!field.getKey().equals("type")) {
        full.set(field.getKey(), field.getValue());
      }
    }
    for (String part : List.of("keyspace", "workflow")) {
      if (header.path(part).asText().isBlank()) {
        throw new IllegalArgumentException("keyspace and workflow must be given");
      }
    }
    for (JsonNode field : schema.get("fields")) {
      if (!full.has(field.get("name").asText())) {
        throw new IllegalArgumentException(
            name + " needs " + field.get("name").asText() + ": " + field.get("doc").asText());
      }
    }
    return bind(full, type);
  }

  private static String newId() {
    return UUID.randomUUID().toString();
  }

  private static JsonNode schemaOf(Class<? extends Command> type) {
    try {
      return JSON.readTree(SchemaFiles.schemaOf(type).toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the schema of " + type.getName() + " is not JSON", e);
    }
  }

  /** The fields of a record that have a default, with it. */
  private static ObjectNode defaults(JsonNode record) {
    ObjectNode values = JSON.createObjectNode();
    for (JsonNode field : record.get("fields")) {
      if (field.has("default")) {
        values.set(field.get("name").asText(), field.get("default"));
      }
    }
    return values;
  }

  private static Command bind(ObjectNode tree, Class<? extends Command> type) {
    try {
      return JSON.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "malformed " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }
}

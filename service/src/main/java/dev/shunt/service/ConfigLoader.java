package dev.shunt.service;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fills a configuration record: its defaults, then a YAML file, then the environment, then flags;
 * the later wins. A key in the environment is {@code SHUNT_} and the path in capitals with
 * underscores ({@code kafka.bootstrapServers} is {@code SHUNT_KAFKA_BOOTSTRAP_SERVERS}); a flag is
 * the path itself. Unknown keys fail.
 */
public final class ConfigLoader {
  private static final ObjectMapper JSON = mapper(new ObjectMapper());
  private static final YAMLFactory YAML = new YAMLFactory();

  private static final int LONGEST = 100;

  private ConfigLoader() {}

  /**
   * Loads a configuration.
   *
   * @param defaults a complete record with every default
   * @param file YAML file, or null for none
   * @param environment environment variables; those not known are ignored
   * @param flags values by path, for instance {@code kafka.registryUrl}
   * @throws ConfigException naming the key that is unknown, malformed or refused by the record
   */
  public static <T extends Record> T load(
      T defaults, @Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
    ObjectNode tree = JSON.valueToTree(defaults);
    if (file != null) {
      merge(tree, read(file), "");
    }
    overlayEnvironment(tree, "SHUNT", environment);
    new TreeMap<>(flags).forEach((path, value) -> put(tree, path, path, value));
    try {
      @SuppressWarnings("unchecked")
      Class<T> type = (Class<T>) defaults.getClass();
      return JSON.treeToValue(tree, type);
    } catch (JsonMappingException e) {
      throw new ConfigException("configuration key " + path(e) + ": " + reason(e, tree), e);
    } catch (JsonProcessingException e) {
      throw new ConfigException("configuration: " + Words.of(e), e);
    }
  }

  private static JsonNode read(Path file) {
    try {
      JsonNode node = tree(Files.readString(file));
      return node.isNull() ? JSON.createObjectNode() : node;
    } catch (JsonProcessingException e) {
      throw new ConfigException("configuration file " + file + ": " + withoutContent(e));
    } catch (IOException e) {
      throw new ConfigException("configuration file " + file + " can't be read: " + Words.of(e), e);
    }
  }

  /**
   * A YAML document whose values are texts as they are written, as those of the environment and of
   * flags are: what a key is says what is made of them, and a password may look like a number.
   */
  private static JsonNode tree(String yaml) throws IOException {
    try (JsonParser parser = YAML.createParser(yaml)) {
      return parser.nextToken() == null ? JSON.nullNode() : node(parser);
    }
  }

  private static JsonNode node(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        ObjectNode object = JSON.createObjectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          object.set(key, node(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        ArrayNode array = JSON.createArrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(node(parser));
        }
        yield array;
      }
      case VALUE_NULL -> JSON.nullNode();
      default -> JSON.getNodeFactory().textNode(parser.getText());
    };
  }

  private static void merge(ObjectNode into, JsonNode from, String path) {
    if (!from.isObject()) {
      throw new ConfigException(
          "configuration key " + (path.isEmpty() ? "(root)" : path) + ": expected a mapping");
    }
    from.properties()
        .forEach(entry -> {
          String key = entry.getKey();
          String at = path.isEmpty() ? key : path + "." + key;
          if (into.get(key) instanceof ObjectNode nested && entry.getValue().isObject()) {
            merge(nested, entry.getValue(), at);
          } else if (entry.getValue().isNull() && into.hasNonNull(key)) {
            throw new ConfigException(
                "configuration key " + at + ": has no value; leave it out to have its default");
          } else {
            into.set(key, entry.getValue());
          }
        });
  }

  private static void overlayEnvironment(
      ObjectNode tree, String prefix, Map<String, String> environment) {
    for (Map.Entry<String, JsonNode> entry : tree.properties().stream().toList()) {
      String name = prefix + "_" + upperSnake(entry.getKey());
      if (entry.getValue() instanceof ObjectNode nested) {
        overlayEnvironment(nested, name, environment);
      } else if (environment.containsKey(name)) {
        tree.set(entry.getKey(), scalar(name, environment.get(name), entry.getValue()));
      }
    }
  }

  private static void put(ObjectNode tree, String key, String path, String value) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      JsonNode given = scalar(key, value, tree.get(path));
      if (tree.get(path) instanceof ObjectNode && given.isObject()) {
        merge(tree, JSON.createObjectNode().set(path, given), "");
      } else {
        tree.set(path, given);
      }
      return;
    }
    String head = path.substring(0, dot);
    JsonNode nested = tree.get(head);
    if (!(nested instanceof ObjectNode object)) {
      throw new ConfigException("configuration key " + key + ": unknown");
    }
    put(object, key, path.substring(dot + 1), value);
  }

  /**
   * A list is written {@code [a, b]}, everything else as it is: where a text stands, as of a
   * password, brackets are part of it.
   */
  private static JsonNode scalar(String key, String text, @Nullable JsonNode before) {
    boolean structured = before == null || before.isContainerNode() || before.isNull();
    if (structured && (text.startsWith("[") || text.startsWith("{"))) {
      try {
        return tree(text);
      } catch (IOException e) {
        throw new ConfigException("configuration key " + key + ": not a YAML value");
      }
    }
    return JSON.getNodeFactory().textNode(text);
  }

  /** What is wrong and where, without the lines of the file: they may hold a password. */
  private static String withoutContent(JsonProcessingException e) {
    String problem =
        e.getOriginalMessage()
            .lines()
            .filter(line -> !line.isEmpty() && !Character.isWhitespace(line.charAt(0)))
            .collect(Collectors.joining("; "));
    return e.getLocation() == null
        ? problem
        : "line %d, column %d: %s"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr(), problem);
  }

  private static String upperSnake(String camel) {
    return camel.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
  }

  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference reference : e.getPath()) {
      if (reference.getFieldName() != null) {
        path.append(path.isEmpty() ? "" : ".").append(reference.getFieldName());
      }
    }
    return path.isEmpty() ? "(root)" : path.toString();
  }

  private static String reason(JsonMappingException e, JsonNode tree) {
    Throwable cause = e.getCause();
    if (cause instanceof IllegalArgumentException || cause instanceof ConfigException) {
      return Words.of(cause);
    }
    if (cause instanceof NullPointerException) {
      return given(e, tree) + " lacks a value";
    }
    if (e instanceof UnrecognizedPropertyException unknown) {
      return "unknown; the keys here are "
          + unknown.getKnownPropertyIds().stream()
              .map(Object::toString)
              .sorted()
              .collect(Collectors.joining(", "));
    }
    if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      return "%s is not %s".formatted(given(e, tree), kind(mismatch.getTargetType()));
    }
    return e.getOriginalMessage();
  }

  /**
   * What stands where the failure is; of more than one value only what it is, for secrets' sake.
   */
  private static String given(JsonMappingException e, JsonNode tree) {
    JsonNode at = tree;
    for (JsonMappingException.Reference reference : e.getPath()) {
      at =
          reference.getFieldName() != null
              ? at.path(reference.getFieldName())
              : at.path(reference.getIndex());
    }
    if (at.isArray()) {
      return "a list";
    }
    if (!at.isValueNode() || at.asText().contains("=")) {
      return at.isObject() ? "a mapping" : "what is given";
    }
    String text = at.isTextual() ? "'" + Redaction.of(at.asText()) + "'" : at.asText();
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
  }

  private static String kind(Class<?> type) {
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return "a whole number";
    }
    if (type == double.class || type == Double.class) {
      return "a number";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "a list: write [a, b]";
    }
    if (type.isEnum()) {
      return "one of "
          + Stream.of(type.getEnumConstants())
              .map(Object::toString)
              .collect(Collectors.joining(", "));
    }
    return Map.class.isAssignableFrom(type) || type.isRecord()
        ? "a mapping of keys to values: write {key: value}"
        : "a text";
  }

  private static ObjectMapper mapper(ObjectMapper mapper) {
    SimpleModule module = new SimpleModule();
    module.addSerializer(
        Secret.class,
        new StdSerializer<>(Secret.class) {
          private static final long serialVersionUID = 1L;

          @Override
          public void serialize(Secret value, JsonGenerator out, SerializerProvider provider)
              throws IOException {
            out.writeString(value.reveal());
          }
        });
    module.addDeserializer(
        Secret.class,
        new StdDeserializer<>(Secret.class) {
          private static final long serialVersionUID = 1L;

          @Override
          public Secret deserialize(JsonParser parser, DeserializationContext context)
              throws IOException {
            return new Secret(parser.getValueAsString(""));
          }
        });
    module.addSerializer(
        Duration.class,
        new StdSerializer<>(Duration.class) {
          private static final long serialVersionUID = 1L;

          @Override
          public void serialize(Duration value, JsonGenerator out, SerializerProvider provider)
              throws IOException {
            out.writeString(Durations.text(value));
          }
        });
    module.addDeserializer(
        Duration.class,
        new StdDeserializer<>(Duration.class) {
          private static final long serialVersionUID = 1L;

          @Override
          public Duration deserialize(JsonParser parser, DeserializationContext context)
              throws IOException {
            return Durations.parse(parser.getValueAsString(""));
          }
        });
    return mapper
        .registerModule(module)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
  }
}

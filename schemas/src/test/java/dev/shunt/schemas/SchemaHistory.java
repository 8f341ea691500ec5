package dev.shunt.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.shunt.schemas.registry.Compatibility;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * Compares the files of schemas with what they were: one folder a file, {@code 1.avsc}, {@code
 * 2.avsc}, … in it, the newest equal to the file in use. Committed files stay as they are.
 *
 * <p>A shared type has a history of its own, and a schema that uses it need not take part in it:
 * records are compatible when their fields are, so a schema is compatible with all it was composed
 * to when its own versions are and those of the types that it uses are. Older files spell shared
 * types out; these count as what they are, and as if they named them.
 */
final class SchemaHistory {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;
  private final SharedTypes shared;

  SchemaHistory(Path root, SharedTypes shared) {
    this.root = root;
    this.shared = shared;
  }

  /**
   * What is wrong with a file and its history, each with what to do; empty when all is well.
   *
   * @param name of the type that it defines
   * @param text as the file has it
   */
  List<String> problems(String name, String text) throws IOException {
    Schema current = shared.compose(name, text);
    List<String> files = files(name);
    List<Schema> versions = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      for (Schema version : List.of(asWritten(name, files.get(i)), composed(name, files.get(i)))) {
        for (String problem : Compatibility.FULL_TRANSITIVE.problems(version, versions)) {
          problems.add(file(name, i + 1) + ": " + problem);
        }
        versions.add(version);
      }
    }
    for (String problem : Compatibility.FULL_TRANSITIVE.problems(current, versions)) {
      problems.add(name + ".avsc: " + problem + "; keep what was there and add with a default");
    }
    if (versions.isEmpty() || !versions.getLast().toString().equals(current.toString())) {
      problems.add(name + ".avsc has changed: copy it to schemas/" + file(name, files.size() + 1));
    }
    return problems;
  }

  /** The files of a type, oldest first. */
  List<String> files(String name) throws IOException {
    List<String> files = new ArrayList<>();
    while (Files.exists(file(name, files.size() + 1))) {
      files.add(Files.readString(file(name, files.size() + 1)));
    }
    return files;
  }

  /** With shared types that it spells out as they were then, and those that it names as now. */
  Schema asWritten(String name, String text) {
    boolean whole = !naming(name, text).equals(tree(text).toString());
    return whole ? new Schema.Parser().parse(text) : shared.compose(name, text);
  }

  /** With all shared types as they are now. */
  private Schema composed(String name, String text) {
    return shared.compose(name, naming(name, text));
  }

  /** The text of a type with the names of the shared types that it spells out. */
  static String naming(String name, String text) {
    return naming(tree(text), name).toString();
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a schema that is not JSON: " + text, e);
    }
  }

  private static JsonNode naming(JsonNode type, String defined) {
    return switch (type) {
      case ObjectNode object
          when isShared(object) && !object.path("name").asText().equals(defined) ->
          TextNode.valueOf(MessageTypes.NAMESPACE + "." + object.path("name").asText());
      case ObjectNode object -> {
        ObjectNode copy = JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> member : object.properties()) {
          copy.set(member.getKey(), naming(member.getValue(), defined));
        }
        yield copy;
      }
      case ArrayNode array -> {
        ArrayNode copy = JSON.createArrayNode();
        array.forEach(element -> copy.add(naming(element, defined)));
        yield copy;
      }
      default -> type;
    };
  }

  private static boolean isShared(ObjectNode type) {
    return (type.path("type").asText().equals("record")
            || type.path("type").asText().equals("enum"))
        && SharedTypes.NAMES.contains(type.path("name").asText());
  }

  private Path file(String name, int version) {
    return root.resolve(name).resolve(version + ".avsc");
  }
}

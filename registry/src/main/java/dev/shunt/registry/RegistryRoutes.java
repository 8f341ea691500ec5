package dev.shunt.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shunt.registry.RegistryHandler.Request;
import dev.shunt.schemas.registry.Compatibility;
import dev.shunt.schemas.registry.RegistryException;
import java.util.List;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's REST paths: what each answers, and its error codes (40401 subject, 40402 version,
 * 40403 schema, 40408 level not found; 42201 schema, 42202 version, 42203 level invalid).
 */
final class RegistryRoutes {
  private final EmbeddedRegistry registry;
  private final ObjectMapper json;

  RegistryRoutes(EmbeddedRegistry registry, ObjectMapper json) {
    this.registry = registry;
    this.json = json;
  }

  /** The answer to a request that succeeds; RegistryException with status and code for others. */
  JsonNode answer(Request request) {
    List<String> path = request.path();
    return switch (path.getFirst()) {
      case "subjects" -> subjects(request, path);
      case "schemas" -> schemas(request, path);
      case "config" -> config(request, path);
      case "compatibility" -> compatibility(request, path);
      case "mode" -> mode(request, path);
      default -> throw notFound();
    };
  }

  private JsonNode subjects(Request request, List<String> path) {
    return switch (request.method() + " " + path.size()) {
      case "GET 1" -> {
        String prefix = request.query().getOrDefault("subjectPrefix", "");
        ArrayNode names = json.createArrayNode();
        registry.current().subjects().stream()
            .filter(name -> name.startsWith(prefix))
            .forEach(names::add);
        yield names;
      }
      case "POST 2" -> lookUp(path.get(1), schemaOf(request.body()));
      case "GET 3" -> {
        expect(path.get(2), "versions");
        ArrayNode numbers = json.createArrayNode();
        versions(path.get(1)).forEach(version -> numbers.add(version.number()));
        yield numbers;
      }
      case "POST 3" -> {
        expect(path.get(2), "versions");
        yield register(path.get(1), schemaOf(request.body()));
      }
      case "GET 4" -> {
        expect(path.get(2), "versions");
        yield describe(path.get(1), version(path.get(1), path.get(3)));
      }
      case "GET 5" -> {
        expect(path.get(2), "versions");
        RegistryState.Version version = version(path.get(1), path.get(3));
        yield switch (path.get(4)) {
          case "schema" -> tree(version.schema());
          case "referencedby" -> json.createArrayNode();
          default -> throw notFound();
        };
      }
      default -> throw request.method().equals("DELETE") ? noDeletes() : notAllowed();
    };
  }

  private JsonNode register(String subject, Schema schema) {
    int id = registry.register(subject, schema);
    ObjectNode answer = json.createObjectNode().put("id", id);
    registry
        .current()
        .find(subject, schema)
        .ifPresent(version -> answer.put("version", version.number()));
    return answer.put("schemaType", "AVRO").put("schema", schema.toString());
  }

  private JsonNode lookUp(String subject, Schema schema) {
    if (registry.current().versions(subject).isEmpty()) {
      throw noSubject(subject);
    }
    Optional<RegistryState.Version> found = registry.current().find(subject, schema);
    return describe(
        subject,
        found.orElseThrow(() -> new RegistryException(404, 40403, "Schema not found", null)));
  }

  private JsonNode schemas(Request request, List<String> path) {
    onlyGet(request);
    if (path.size() == 1) {
      ArrayNode all = json.createArrayNode();
      RegistryState state = registry.current();
      state
          .subjects()
          .forEach(subject ->
              state.versions(subject).forEach(version -> all.add(describe(subject, version))));
      return all;
    }
    if (path.size() == 2 && path.get(1).equals("types")) {
      return json.createArrayNode().add("AVRO");
    }
    expect(path.get(1), "ids");
    if (path.size() < 3 || path.size() > 4) {
      throw notFound();
    }
    int id = id(path.get(2));
    Schema schema = registry.byId(id);
    if (path.size() == 3) {
      return json.createObjectNode().put("schemaType", "AVRO").put("schema", schema.toString());
    }
    return schemaPart(path.get(3), id, schema);
  }

  private JsonNode schemaPart(String part, int id, Schema schema) {
    ArrayNode list = json.createArrayNode();
    switch (part) {
      case "schema" -> {
        return tree(schema);
      }
      case "subjects" -> registry.current().uses(id).forEach(use -> list.add(use.getKey()));
      case "versions" ->
          registry
              .current()
              .uses(id)
              .forEach(use ->
                  list.addObject().put("subject", use.getKey()).put("version", use.getValue()));
      default -> throw notFound();
    }
    return list;
  }

  private JsonNode config(Request request, List<String> path) {
    if (path.size() > 2) {
      throw notFound();
    }
    String subject = path.size() == 2 ? path.get(1) : null;
    return switch (request.method()) {
      case "GET" -> {
        Compatibility level = level(subject, request.flag("defaultToGlobal"));
        yield json.createObjectNode().put("compatibilityLevel", level.name());
      }
      case "PUT" -> {
        String name = request.body().path("compatibility").asText();
        registry.setLevel(subject, parseLevel(name));
        yield json.createObjectNode().put("compatibility", parseLevel(name).name());
      }
      case "DELETE" -> {
        Compatibility before = level(subject, false);
        registry.setLevel(subject, null);
        yield json.createObjectNode().put("compatibilityLevel", before.name());
      }
      default -> throw notAllowed();
    };
  }

  private Compatibility level(@Nullable String subject, boolean defaultToGlobal) {
    RegistryState state = registry.current();
    if (subject == null) {
      return state.level();
    }
    Compatibility own = defaultToGlobal ? state.levelOf(subject) : state.ownLevel(subject);
    if (own == null) {
      throw new RegistryException(
          404,
          40408,
          "Subject '" + subject + "' does not have subject-level compatibility configured",
          null);
    }
    return own;
  }

  private JsonNode compatibility(Request request, List<String> path) {
    if (path.size() < 4 || path.size() > 5) {
      throw notFound();
    }
    if (!request.method().equals("POST")) {
      throw notAllowed();
    }
    expect(path.get(1), "subjects");
    expect(path.get(3), "versions");
    String subject = path.get(2);
    Schema schema = schemaOf(request.body());
    List<RegistryState.Version> against =
        path.size() == 5
            ? List.of(version(subject, path.get(4)))
            : registry.current().versions(subject);
    List<String> problems = registry.problems(subject, schema, against);
    ObjectNode answer = json.createObjectNode().put("is_compatible", problems.isEmpty());
    if (request.flag("verbose")) {
      ArrayNode messages = answer.putArray("messages");
      problems.forEach(messages::add);
    }
    return answer;
  }

  private JsonNode mode(Request request, List<String> path) {
    onlyGet(request);
    if (path.size() > 2) {
      throw notFound();
    }
    return json.createObjectNode().put("mode", "READWRITE");
  }

  private List<RegistryState.Version> versions(String subject) {
    List<RegistryState.Version> versions = registry.current().versions(subject);
    if (versions.isEmpty()) {
      throw noSubject(subject);
    }
    return versions;
  }

  private RegistryState.Version version(String subject, String text) {
    List<RegistryState.Version> versions = versions(subject);
    if (text.equals("latest") || text.equals("-1")) {
      return versions.getLast();
    }
    int number = versionNumber(text);
    return versions.stream()
        .filter(version -> version.number() == number)
        .findFirst()
        .orElseThrow(
            () -> new RegistryException(404, 40402, "Version " + number + " not found.", null));
  }

  private JsonNode describe(String subject, RegistryState.Version version) {
    ObjectNode described = json.createObjectNode().put("subject", subject);
    described.put("version", version.number()).put("id", version.id());
    return described.put("schemaType", "AVRO").put("schema", version.schema().toString());
  }

  private JsonNode tree(Schema schema) {
    try {
      return json.readTree(schema.toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Schema schemaOf(JsonNode body) {
    String type = body.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      throw invalidSchema("schemas of type " + type + " are not kept here, only AVRO");
    }
    if (!body.path("references").isEmpty()) {
      throw invalidSchema("references are not supported, inline the named types");
    }
    try {
      return new Schema.Parser().parse(body.path("schema").asText());
    } catch (AvroRuntimeException e) {
      throw invalidSchema(e.getMessage());
    }
  }

  private static Compatibility parseLevel(String name) {
    try {
      return Compatibility.parse(name);
    } catch (IllegalArgumentException e) {
      throw new RegistryException(
          422,
          42203,
          "Invalid compatibility level. Valid values are none, backward, forward, full,"
              + " backward_transitive, forward_transitive, and full_transitive",
          e);
    }
  }

  private static int versionNumber(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw new RegistryException(
        422,
        42202,
        "The specified version '%s' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
            .formatted(text),
        null);
  }

  private static int id(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw notFound();
    }
  }

  private static void expect(String segment, String wanted) {
    if (!segment.equals(wanted)) {
      throw notFound();
    }
  }

  private static void onlyGet(Request request) {
    if (!request.method().equals("GET")) {
      throw notAllowed();
    }
  }

  private static RegistryException invalidSchema(@Nullable String why) {
    return new RegistryException(422, 42201, "Invalid schema: " + why, null);
  }

  private static RegistryException noSubject(String subject) {
    return new RegistryException(404, 40401, "Subject '" + subject + "' not found.", null);
  }

  private static RegistryException notFound() {
    return new RegistryException(404, 404, "HTTP 404 Not Found", null);
  }

  private static RegistryException notAllowed() {
    return new RegistryException(405, 405, "HTTP 405 Method Not Allowed", null);
  }

  private static RegistryException noDeletes() {
    return new RegistryException(
        405, 405, "Schemas are never deleted: records on the logs need them for ever", null);
  }
}

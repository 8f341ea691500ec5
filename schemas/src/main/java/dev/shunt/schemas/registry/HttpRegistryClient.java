package dev.shunt.schemas.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Client of any registry with Confluent's REST paths. Ids and schemas never change, so each is
 * asked for once and then kept.
 */
public final class HttpRegistryClient implements SchemaRegistry, AutoCloseable {
  private record Registration(String subject, Schema schema) {}

  private final RegistryHttp http;
  private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

  /**
   * @param urls base URL, or several of equal registries with commas between; a path is kept (for
   *     instance {@code http://host:8080/apis/ccompat/v7}), a user and password are sent as basic
   *     authentication
   */
  public HttpRegistryClient(String urls) {
    this(urls, Duration.ofSeconds(30));
  }

  /**
   * @param urls as in {@link #HttpRegistryClient(String)}
   * @param patience how long a request is repeated while no registry answers
   */
  public HttpRegistryClient(String urls, Duration patience) {
    List<URI> bases =
        Stream.of(urls.split(",", -1))
            .map(String::strip)
            .filter(url -> !url.isEmpty())
            .map(HttpRegistryClient::address)
            .toList();
    if (bases.isEmpty()) {
      throw new IllegalArgumentException("the URL of the schema registry is empty");
    }
    if (bases.stream().anyMatch(base -> base.getHost() == null)) {
      throw new IllegalArgumentException(
          "the URL of the schema registry names no host, or one with a '_' in its name, which HTTP"
              + " does not take: write http://HOST:PORT with another name of it or its address");
    }
    this.http = new RegistryHttp(bases, patience);
  }

  /** Without the URL in the message, nor in a cause: it may have a password. */
  private static URI address(String url) {
    try {
      return new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "the URL of the schema registry is malformed: %s at character %d"
              .formatted(e.getReason(), e.getIndex() + 1));
    }
  }

  @Override
  public int register(String subject, Schema schema) {
    Registration wanted = new Registration(subject, schema);
    Integer known = ids.get(wanted);
    if (known != null) {
      return known;
    }
    JsonNode answered =
        http.send("POST", "/subjects/" + escape(subject) + "/versions", schemaBody(schema))
            .path("id");
    if (!answered.isInt()) {
      throw new RegistryException(502, 0, "the registry took a schema and gave no id", null);
    }
    int id = answered.asInt();
    ids.put(wanted, id);
    schemas.putIfAbsent(id, schema);
    return id;
  }

  @Override
  public Schema byId(int id) {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    Schema fetched = parse(http.send("GET", "/schemas/ids/" + id, null));
    Schema earlier = schemas.putIfAbsent(id, fetched);
    return earlier == null ? fetched : earlier;
  }

  /** Names of all subjects. */
  public List<String> subjects() {
    List<String> names = new ArrayList<>();
    http.send("GET", "/subjects", null).forEach(name -> names.add(name.asText()));
    return List.copyOf(names);
  }

  /** Versions of a subject, ascending. */
  public List<Integer> versions(String subject) {
    List<Integer> versions = new ArrayList<>();
    http.send("GET", "/subjects/" + escape(subject) + "/versions", null)
        .forEach(version -> versions.add(version.asInt()));
    return List.copyOf(versions);
  }

  /** One version of a subject. */
  public Schema version(String subject, int version) {
    return parse(http.send("GET", "/subjects/" + escape(subject) + "/versions/" + version, null));
  }

  /** Whether a schema may become the next version of a subject. */
  public boolean isCompatible(String subject, Schema schema) {
    return http.send(
            "POST",
            "/compatibility/subjects/" + escape(subject) + "/versions/latest",
            schemaBody(schema))
        .path("is_compatible")
        .asBoolean();
  }

  /** The level that holds for subjects without one of their own. */
  public Compatibility compatibility() {
    return Compatibility.parse(
        http.send("GET", "/config", null).path("compatibilityLevel").asText());
  }

  /** Sets the level of all subjects without one of their own. */
  public void setCompatibility(Compatibility level) {
    http.send("PUT", "/config", http.object("compatibility", level.name()));
  }

  @Override
  public void close() {
    http.close();
  }

  private ObjectNode schemaBody(Schema schema) {
    return (ObjectNode) http.object("schema", schema.toString());
  }

  /** What a schema is in never changes, so one that is not Avro's fails for good. */
  private static Schema parse(JsonNode answer) {
    String type = answer.path("schemaType").asText("AVRO");
    if (!type.equalsIgnoreCase("AVRO")) {
      throw unusable("the schema is of type " + type + ", not AVRO", null);
    }
    JsonNode text = answer.path("schema");
    if (!text.isTextual()) {
      throw new RegistryException(502, 0, "the registry answered without a schema", null);
    }
    try {
      return new Schema.Parser().parse(text.asText());
    } catch (RuntimeException | StackOverflowError e) { // whatever somebody has written there
      throw unusable("the schema can't be parsed as Avro: " + e.getMessage(), e);
    }
  }

  private static RegistryException unusable(String message, @Nullable Throwable cause) {
    return new RegistryException(422, 42201, message, cause);
  }

  private static String escape(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

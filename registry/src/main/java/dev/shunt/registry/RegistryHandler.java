package dev.shunt.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.shunt.schemas.registry.RegistryException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP around the routes: reads requests, writes answers and errors as Confluent's registry. */
final class RegistryHandler implements HttpHandler {
  /**
   * A request.
   *
   * @param method HTTP method
   * @param path segments of the path, decoded
   * @param query parameters
   * @param body parsed body; a missing node when there is none
   */
  record Request(String method, List<String> path, Map<String, String> query, JsonNode body) {
    boolean flag(String name) {
      return Boolean.parseBoolean(query.getOrDefault(name, "false"));
    }
  }

  private static final Logger log = LoggerFactory.getLogger(RegistryHandler.class);
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int LARGEST_BODY = 4 * 1024 * 1024;

  private final ObjectMapper json = new ObjectMapper();
  private final RegistryRoutes routes;

  RegistryHandler(EmbeddedRegistry registry) {
    this.routes = new RegistryRoutes(registry, json);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        answer(exchange, 200, routes.answer(read(exchange)));
      } catch (RegistryException e) {
        answer(exchange, e.status(), error(e.errorCode(), String.valueOf(e.getMessage())));
      } catch (RuntimeException e) {
        log.atError()
            .setCause(e)
            .addKeyValue("path", exchange.getRequestURI())
            .log("request failed");
        answer(exchange, 500, error(50001, "Error in the backend data store"));
      }
    }
  }

  private Request read(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      throw new RegistryException(413, 413, "The body is larger than 4 MiB", null);
    }
    List<String> path =
        Stream.of(exchange.getRequestURI().getRawPath().split("/"))
            .filter(segment -> !segment.isEmpty())
            .map(RegistryHandler::decode)
            .toList();
    Map<String, String> query = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      int equals = pair.indexOf('=');
      query.put(
          decode(equals < 0 ? pair : pair.substring(0, equals)),
          equals < 0 ? "true" : decode(pair.substring(equals + 1)));
    }
    try {
      return new Request(
          exchange.getRequestMethod(),
          path,
          query,
          body.length == 0 ? json.missingNode() : json.readTree(body));
    } catch (JsonProcessingException e) {
      throw new RegistryException(400, 400, "The body is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static String decode(String text) {
    // A plus is a plus in a path, and clients escape blanks as %20 in queries too.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private JsonNode error(int code, String message) {
    return json.createObjectNode().put("error_code", code).put("message", message);
  }

  private static void answer(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}

package dev.shunt.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests to the first of several registries that answers, again and again until a time is
 * over.
 */
final class RegistryHttp implements AutoCloseable {
  static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  private static final Logger log = LoggerFactory.getLogger(RegistryHttp.class);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final ObjectMapper json = new ObjectMapper();
  private final List<URI> bases;
  private final Duration patience;
  private final HttpClient http;

  RegistryHttp(List<URI> bases, Duration patience) {
    this.bases = List.copyOf(bases);
    this.patience = patience;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(3))
            .build();
  }

  /**
   * One request and its answer.
   *
   * @throws RegistryException for any answer that isn't a success, and when none came in time
   */
  JsonNode send(String method, String path, @Nullable JsonNode body) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      RegistryException last = null;
      for (URI base : bases) {
        try {
          return sendOnce(base, method, path, body);
        } catch (RegistryException e) {
          if (!e.mayPass()) {
            throw e;
          }
          last = e;
        }
      }
      if (last == null || System.nanoTime() + PAUSE.toNanos() > deadline) {
        throw last == null ? new RegistryException(0, 0, "no registry is configured", null) : last;
      }
      log.atDebug().addKeyValue("reason", last.getMessage()).log("registry asked again");
      pause();
    }
  }

  JsonNode object(String name, String value) {
    return json.createObjectNode().put(name, value);
  }

  private JsonNode sendOnce(URI base, String method, String path, @Nullable JsonNode body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(resolve(base, path))
            .timeout(REQUEST_TIMEOUT)
            .header("Accept", MEDIA_TYPE + ", application/json")
            .header("Content-Type", MEDIA_TYPE)
            .method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
    if (base.getUserInfo() != null) {
      byte[] credentials = base.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    }
    HttpResponse<String> response;
    try {
      response = http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new RegistryException(0, 0, "no answer from the registry at " + address(base), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(
          0, 0, "interrupted while waiting for the registry at " + address(base), e);
    }
    return answer(base, response);
  }

  private JsonNode answer(URI base, HttpResponse<String> response) {
    int status = response.statusCode();
    JsonNode parsed;
    try {
      parsed = json.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new RegistryException(
          status / 100 == 2 ? 502 : status,
          0,
          "the registry at " + address(base) + " answered " + status + " without JSON",
          e);
    }
    if (status / 100 != 2) {
      throw new RegistryException(
          status,
          parsed.path("error_code").asInt(),
          "the registry at %s answered %d: %s"
              .formatted(address(base), status, parsed.path("message").asText(response.body())),
          null);
    }
    return parsed;
  }

  private static URI resolve(URI base, String path) {
    String root = address(base);
    return URI.create((root.endsWith("/") ? root.substring(0, root.length() - 1) : root) + path);
  }

  /** The address without credentials. */
  private static String address(URI base) {
    String text = base.toString();
    String user = base.getRawUserInfo();
    return user == null ? text : text.replace(user + "@", "");
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(0, 0, "interrupted while waiting for a registry", e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}

package dev.shunt.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.shunt.schemas.MessageDeserializer;
import dev.shunt.schemas.UndecodableException;
import dev.shunt.schemas.UndecodableException.Kind;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRegistryClientTest {
  private static final Schema SCHEMA =
      SchemaBuilder.record("R").namespace("x").fields().requiredLong("a").endRecord();

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  @Test
  void asksForEachIdAndSchemaOnce() throws IOException {
    int port = start(0, 200, "{\"id\":7}");
    try (HttpRegistryClient client = new HttpRegistryClient(url(port))) {
      assertThat(client.register("a subject", SCHEMA)).isEqualTo(7);
      assertThat(client.register("a subject", SCHEMA)).isEqualTo(7);
      assertThat(client.byId(7)).isEqualTo(SCHEMA);
    }
    assertThat(requests).containsExactly("POST /base/v7/subjects/a%20subject/versions");
  }

  @Test
  void refusesAHostThatHttpDoesNotTakeWithoutRepeatingIt() {
    assertThatThrownBy(() -> new HttpRegistryClient("http://ann:secret@schema_registry:8081"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'_'")
        .hasMessageNotContaining("secret");
  }

  @Test
  void sendsTheCredentialsOfTheUrlAndNeverShowsThem() throws IOException {
    int port = start(0, 404, "{\"error_code\":40403,\"message\":\"Schema 3 not found\"}");
    String url = url(port).replace("http://", "http://ann:secret@");
    try (HttpRegistryClient client = new HttpRegistryClient(url)) {
      assertThatThrownBy(() -> client.byId(3))
          .isInstanceOfSatisfying(
              RegistryException.class,
              e -> {
                assertThat(e.status()).isEqualTo(404);
                assertThat(e.errorCode()).isEqualTo(40403);
                assertThat(e.mayPass()).isFalse();
              })
          .hasMessageContaining("Schema 3 not found")
          .hasMessageNotContaining("secret");
    }
    assertThat(requests).containsExactly("GET /base/v7/schemas/ids/3 Basic YW5uOnNlY3JldA==");
  }

  @Test
  void asksAgainUntilARegistryIsThere() throws Exception {
    int port = freePort();
    try (HttpRegistryClient client = new HttpRegistryClient(url(port), Duration.ofSeconds(20));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<Integer> id =
          CompletableFuture.supplyAsync(() -> client.register("s", SCHEMA), threads);
      assertThat(id).isNotDone();
      start(port, 200, "{\"id\":9}");

      assertThat(id.get(20, TimeUnit.SECONDS)).isEqualTo(9);
    }
  }

  @Test
  void goesToTheNextRegistryWhenOneIsGone() throws IOException {
    int gone = freePort();
    int there = start(0, 200, "[\"s\"]");
    try (HttpRegistryClient client = new HttpRegistryClient(url(gone) + "," + url(there))) {
      assertThat(client.subjects()).containsExactly("s");
    }
  }

  @Test
  void saysWhichRegistryIsMissing() throws IOException {
    int port = freePort();
    try (HttpRegistryClient client = new HttpRegistryClient(url(port), Duration.ZERO)) {
      assertThatThrownBy(client::subjects)
          .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.mayPass()).isTrue())
          .hasMessage("no answer from the registry at " + url(port));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax = \\\"proto3\\\";\"}",
        "{\"schemaType\":\"JSON\",\"schema\":\"\\\"string\\\"\"}",
        "{\"schemaType\":\"PROTOBUF\"}",
        "{\"schema\":\"syntax = \\\"proto3\\\";\"}",
        "{\"schema\":\"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"R\\\",\\\"fields\\\":[{\\\"name\\\":"
            + "\\\"a\\\",\\\"type\\\":\\\"int\\\",\\\"default\\\":\\\"none\\\"}]}\"}"
      })
  void aSchemaThatIsNoAvroStaysSo(String answer) throws IOException {
    int port = start(0, 200, answer);
    try (HttpRegistryClient client = new HttpRegistryClient(url(port))) {
      assertThatThrownBy(() -> client.byId(3))
          .isInstanceOfSatisfying(
              RegistryException.class,
              e -> {
                assertThat(e.isFinal()).isTrue();
                assertThat(e.mayPass()).isFalse();
              });
      assertThatThrownBy(() -> new MessageDeserializer(client).decode(new byte[] {0, 0, 0, 0, 3}))
          .isInstanceOfSatisfying(
              UndecodableException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNKNOWN_SCHEMA))
          .hasMessageContaining("no Avro schema with id 3: the schema ");
    }
  }

  /** Nothing is known of the record then, so it must not be taken for a bad one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | {\"schemaType\":\"AVRO\"}",
        "200 | {}",
        "301 | moved",
        "400 | plain HTTP request was sent to HTTPS port",
        "401 | {\"error_code\":40101,\"message\":\"who are you\"}",
        "403 | {\"error_code\":40301,\"message\":\"forbidden\"}",
        "404 | default backend",
        "404 | {\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}",
        "429 | {\"error_code\":42901,\"message\":\"slow down\"}"
      })
  void anAnswerThatSaysNothingOfTheSchemaIsNoReasonToRejectARecord(int status, String answer)
      throws IOException {
    int port = start(0, status, answer);
    try (HttpRegistryClient client = new HttpRegistryClient(url(port), Duration.ZERO)) {
      assertThatThrownBy(() -> new MessageDeserializer(client).decode(new byte[] {0, 0, 0, 0, 3}))
          .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.isFinal()).isFalse());
    }
  }

  @Test
  void aRegistrationWithoutAnIdFails() throws IOException {
    int port = start(0, 200, "{\"schemaType\":\"AVRO\"}");
    try (HttpRegistryClient client = new HttpRegistryClient(url(port), Duration.ZERO)) {
      assertThatThrownBy(() -> client.register("s", SCHEMA))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("no id");
    }
  }

  private int start(int port, int status, String answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/",
        exchange -> {
          String credentials = exchange.getRequestHeaders().getFirst("Authorization");
          requests.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + (credentials == null ? "" : " " + credentials));
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    servers.add(server);
    return server.getAddress().getPort();
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port + "/base/v7";
  }

  /** Below those of outgoing connections, none of which then takes it meanwhile. */
  private static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(15_000, 32_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (BindException _) {
        // somebody listens there
      }
    }
  }
}

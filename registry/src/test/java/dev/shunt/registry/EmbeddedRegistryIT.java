package dev.shunt.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.KafkaBroker;
import dev.shunt.net.HttpFace;
import dev.shunt.schemas.TopicCreator;
import dev.shunt.schemas.Topics;
import dev.shunt.schemas.registry.Compatibility;
import dev.shunt.schemas.registry.HttpRegistryClient;
import dev.shunt.schemas.registry.RegistryException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryIT {
  private static KafkaBroker broker;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private ExecutorService threads;
  private String subject;
  private String url;
  private HttpRegistryClient client;

  @BeforeAll
  static void startKafka(@TempDir Path folder) {
    broker = KafkaBroker.start(folder, 0);
  }

  @AfterAll
  static void stopKafka() {
    broker.close();
  }

  @BeforeEach
  void start(TestInfo test) throws IOException {
    subject = test.getTestMethod().orElseThrow().getName();
    threads = Executors.newVirtualThreadPerTaskExecutor();
    url = startInstance();
    client = open(new HttpRegistryClient(url));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable open : opened.reversed()) {
      open.close();
    }
    threads.close();
    http.close();
  }

  @Test
  void compatibleVersionsFollowAndIncompatibleOnesChangeNothing() {
    int first = client.register(subject, schema("a"));
    int second = client.register(subject, schema("a", "b"));

    assertThat(second).isGreaterThan(first);
    assertThat(client.versions(subject)).containsExactly(1, 2);
    assertThat(client.isCompatible(subject, broken())).isFalse();
    assertThatThrownBy(() -> client.register(subject, broken()))
        .isInstanceOfSatisfying(
            RegistryException.class,
            e -> {
              assertThat(e.status()).isEqualTo(409);
              assertThat(e.errorCode()).isEqualTo(409);
            })
        .hasMessageContaining("incompatible with an earlier schema");
    assertThat(client.versions(subject)).containsExactly(1, 2);
    assertThat(client.version(subject, 2)).isEqualTo(schema("a", "b"));
  }

  @Test
  void oneSchemaHasOneIdInEverySubject() {
    int id = client.register(subject, schema("only"));

    assertThat(client.register(subject + "2", schema("only"))).isEqualTo(id);
    assertThat(get("/schemas/ids/" + id + "/subjects").body())
        .isEqualTo("[\"%s\",\"%s2\"]".formatted(subject, subject));
  }

  @Test
  void instancesAgreeThoughAllRegisterAtOnce() throws Exception {
    List<HttpRegistryClient> clients = new ArrayList<>(List.of(client));
    for (int i = 0; i < 2; i++) {
      clients.add(open(new HttpRegistryClient(startInstance())));
    }
    record Answer(String subject, Schema schema, int id) {}
    List<Future<List<Answer>>> answers = new ArrayList<>();
    for (HttpRegistryClient one : clients) {
      answers.add(
          threads.submit(() ->
              IntStream.range(0, 8)
                  .mapToObj(i -> {
                    Schema schema = schema("field" + i / 2);
                    String name = subject + i % 4;
                    return new Answer(name, schema, one.register(name, schema));
                  })
                  .toList()));
    }

    List<Answer> all = new ArrayList<>();
    for (Future<List<Answer>> answer : answers) {
      all.addAll(answer.get());
    }
    assertThat(all.stream().distinct()).hasSize(8);
    assertThat(all.stream().map(Answer::id).distinct()).hasSize(4);
    for (HttpRegistryClient one : clients) {
      HttpRegistryClient fresh = open(new HttpRegistryClient(url));
      assertThat(all).allSatisfy(a -> assertThat(fresh.byId(a.id())).isEqualTo(a.schema()));
      assertThat(one.versions(subject + "0")).containsExactly(1, 2);
    }
  }

  @Test
  void anotherInstanceKnowsAtOnceWhatOneHasAnswered() throws IOException {
    HttpRegistryClient other = open(new HttpRegistryClient(startInstance()));

    for (int i = 0; i < 20; i++) {
      int id = client.register(subject + i, schema("n" + i));
      assertThat(other.byId(id)).isEqualTo(schema("n" + i));
      assertThat(other.subjects()).contains(subject + i);
    }
  }

  @Test
  void schemasAndLevelsOutliveTheInstances() throws Exception {
    int id = client.register(subject, schema("kept"));
    put("/config/" + subject, "{\"compatibility\":\"none\"}");
    for (AutoCloseable open : opened.reversed()) {
      open.close();
    }
    opened.clear();

    url = startInstance();
    client = open(new HttpRegistryClient(url));
    assertThat(client.byId(id)).isEqualTo(schema("kept"));
    assertThat(get("/config/" + subject).body()).isEqualTo("{\"compatibilityLevel\":\"NONE\"}");
    assertThat(client.register(subject, broken())).isGreaterThan(id);
  }

  @Test
  void garbageOnTheTopicIsLeftOut() throws Exception {
    try (var producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      byte[] garbage = "{\"keytype\":\"SCHEMA\"".getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(Topics.SCHEMAS, 0, garbage, garbage)).get();
    }

    assertThat(client.register(subject, schema("still"))).isPositive();
  }

  /** Of nothing a poll only tells when it ends, which is after five seconds. */
  @Test
  void anEmptyTopicIsFoldedBeforeTheFirstPollEnds(@TempDir Path folder) throws Exception {
    try (KafkaBroker fresh = KafkaBroker.start(folder, 0)) {
      Map<String, Object> kafka = Map.of("bootstrap.servers", fresh.bootstrapServers());
      try (Admin admin = Admin.create(kafka)) {
        TopicCreator.createMissing(
            admin, TopicCreator.CLUSTER_DEFAULT, 1, List.of(Topics.definition(Topics.SCHEMAS)));
      }
      try (RegistryFollower follower =
          new RegistryFollower(kafka, new RegistryRecordCodec(), new RegistryState())) {
        follower.start();

        follower.awaitPosition(0, Duration.ofSeconds(4));
      }
    }
  }

  @Test
  void errorsAreConfluents() {
    client.register(subject, schema("a"));

    assertError(get("/subjects/none/versions"), 404, 40401);
    assertError(get("/subjects/" + subject + "/versions/7"), 404, 40402);
    assertError(get("/subjects/" + subject + "/versions/x"), 422, 42202);
    assertError(get("/schemas/ids/99999"), 404, 40403);
    assertError(get("/schemas/ids/x"), 404, 404);
    assertError(get("/config/" + subject), 404, 40408);
    assertError(get("/config/a/b/c"), 404, 404);
    assertError(post("/subjects/" + subject, body(schema("other"))), 404, 40403);
    assertError(post("/subjects/none", body(schema("a"))), 404, 40401);
    assertError(post("/subjects/x/versions", "{\"schema\":\"nonsense\"}"), 422, 42201);
    assertError(
        post("/subjects/x/versions", "{\"schemaType\":\"JSON\",\"schema\":\"{}\"}"), 422, 42201);
    assertError(post("/subjects/x/versions", "{"), 400, 400);
    assertError(put("/config", "{\"compatibility\":\"best\"}"), 422, 42203);
    assertError(send("DELETE", "/subjects/" + subject, ""), 405, 405);
    assertError(send("PATCH", "/config", ""), 405, 405);
    assertThat(get("/subjects").body()).doesNotContain("\"x\"");
  }

  @Test
  void answersAreConfluents() {
    int id = client.register(subject, schema("a"));

    HttpResponse<String> version = get("/subjects/" + subject + "/versions/latest");
    assertThat(version.headers().firstValue("Content-Type"))
        .contains("application/vnd.schemaregistry.v1+json");
    assertThat(version.body())
        .startsWith("{\"subject\":\"%s\",\"version\":1,\"id\":%d,".formatted(subject, id));
    assertThat(post("/subjects/" + subject, body(schema("a"))).body()).isEqualTo(version.body());
    assertThat(get("/schemas/types").body()).isEqualTo("[\"AVRO\"]");
    assertThat(get("/mode").body()).isEqualTo("{\"mode\":\"READWRITE\"}");
    assertThat(get("/subjects?subjectPrefix=" + subject).body()).isEqualTo("[\"" + subject + "\"]");
    assertThat(
            post(
                    "/compatibility/subjects/" + subject + "/versions/latest?verbose=true",
                    body(broken()))
                .body())
        .startsWith("{\"is_compatible\":false,\"messages\":[\"the ");
    assertThat(client.compatibility()).isEqualTo(Compatibility.FULL_TRANSITIVE);
  }

  private String startInstance() throws IOException {
    EmbeddedRegistry registry = open(new EmbeddedRegistry(broker.bootstrapServers()));
    registry.start();
    HttpFace face = open(HttpFace.listen("127.0.0.1", 0, threads));
    registry.mount(face);
    face.start();
    return "http://127.0.0.1:" + face.port();
  }

  private <T extends AutoCloseable> T open(T closeable) {
    opened.add(closeable);
    return closeable;
  }

  /** A record with optional fields, so that any two of them are compatible. */
  private static Schema schema(String... fields) {
    var builder = SchemaBuilder.record("R").namespace("test").fields();
    for (String field : fields) {
      builder = builder.optionalString(field);
    }
    return builder.endRecord();
  }

  private static Schema broken() {
    return SchemaBuilder.record("R").namespace("test").fields().requiredLong("needed").endRecord();
  }

  private static String body(Schema schema) {
    return "{\"schema\":\"" + schema.toString().replace("\"", "\\\"") + "\"}";
  }

  private HttpResponse<String> get(String path) {
    return send("GET", path, "");
  }

  private HttpResponse<String> post(String path, String body) {
    return send("POST", path, body);
  }

  private HttpResponse<String> put(String path, String body) {
    return send("PUT", path, body);
  }

  private HttpResponse<String> send(String method, String path, String body) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(url + path))
              .method(method, BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertError(HttpResponse<String> response, int status, int code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).startsWith("{\"error_code\":" + code + ",\"message\":\"");
  }
}

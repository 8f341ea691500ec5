package dev.shunt.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.topo.TopoLock;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockApiTest {
  private static final Duration TTL = Duration.ofSeconds(4);

  @TempDir Path directory;
  private CommandServiceFixture fixture;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() {
    fixture = new CommandServiceFixture(directory);
    fixture.setUpCluster();
  }

  @AfterEach
  void stop() {
    client.close();
    fixture.close();
  }

  private HttpResponse<String> call(String method, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + fixture.service.httpPort() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void listsLocksAndBreaksTheOneThatIsNamedWithAWordOnTheAuditLog() throws Exception {
    try (TopoLock keyspace = fixture.topo.lockKeyspace("customer", "SwitchWrites", TTL, TTL);
        TopoLock name = fixture.topo.lockName("customer/c2c", "VDiff", TTL, TTL)) {
      assertThat(call("GET", "/api/locks").body())
          .contains("\"action\":\"VDiff\"", "\"action\":\"SwitchWrites\"", "\"holds\":true");
      String key = fixture.topo.locks().getLast().key();

      assertThat(call("DELETE", "/api/locks/" + key).statusCode()).isEqualTo(400);
      assertThat(call("DELETE", "/api/locks/" + key + "1?issuer=ann").statusCode()).isEqualTo(404);
      assertThat(call("POST", "/api/locks").statusCode()).isEqualTo(405);
      assertThat(fixture.backend.audited).isEmpty();
      keyspace.check();

      HttpResponse<String> broken =
          call("DELETE", "/api/locks/" + key + "?issuer=ann&reason=its%20host%20is%20gone");

      assertThat(broken.statusCode()).isEqualTo(200);
      assertThat(broken.body()).contains("\"broken\":true");
      assertThat(fixture.backend.audited).hasSize(2);
      assertThat(fixture.backend.audited.getFirst())
          .isInstanceOfSatisfying(
              StepStarted.class,
              started -> {
                assertThat(started.header().keyspace()).isEqualTo("customer");
                assertThat(started.step()).isEqualTo("break lock " + key);
                assertThat(started.detail())
                    .startsWith("of SwitchWrites by ")
                    .endsWith("asked for by ann because its host is gone");
              });
      assertThat(fixture.backend.audited.getLast())
          .isInstanceOfSatisfying(
              StepFinished.class, done -> assertThat(done.detail()).isEqualTo("broken"));
      fixture.topo.lockKeyspace("customer", "next", TTL, Duration.ZERO).close();
      name.check();
    }
  }
}

package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcdServerIT {
  @Test
  void keepsDataAndPortOverAKill(@TempDir Path directory) throws Exception {
    assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    try (EtcdServer server = EtcdServer.start(directory, 0)) {
      int port = server.port();
      call(server, "put", "{\"key\":\"Zm9v\",\"value\":\"YmFy\"}");
      server.kill();
      assertThat(server.running()).isFalse();
      server.start();
      assertThat(server.port()).isEqualTo(port);
      assertThat(call(server, "range", "{\"key\":\"Zm9v\"}")).contains("YmFy");
    }
  }

  private static String call(EtcdServer server, String method, String body) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.endpoint() + "/v3/kv/" + method))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      return response.body();
    }
  }
}

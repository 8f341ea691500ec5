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

class SchemaRegistryServerIT {
  @Test
  void keepsSchemasOverARestart(@TempDir Path directory) throws Exception {
    assumeTrue(SchemaRegistryServer.isAvailableOrRequired(), SchemaRegistryServer.HINT);
    try (SchemaRegistryServer server = SchemaRegistryServer.start(directory, 0);
        HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest register =
          HttpRequest.newBuilder(URI.create(server.url() + "/subjects/s/versions"))
              .header("Content-Type", "application/vnd.schemaregistry.v1+json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"schema\":\"\\\"string\\\"\"}"))
              .build();
      assertThat(client.send(register, HttpResponse.BodyHandlers.ofString()).body())
          .contains("\"id\"");
      server.stop();
      server.start();
      HttpRequest list =
          HttpRequest.newBuilder(URI.create(server.url() + "/subjects/s/versions/1")).build();
      assertThat(client.send(list, HttpResponse.BodyHandlers.ofString()).body()).contains("string");
    }
  }
}

package dev.shunt.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpFaceTest {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void endThreads() {
    threads.close();
  }

  @Test
  void servesAPathAndWhatIsBelowItAndNothingElse() throws Exception {
    try (HttpFace face = HttpFace.listen("127.0.0.1", 0, threads);
        HttpClient client = HttpClient.newHttpClient()) {
      face.serve(
              "/a",
              exchange -> {
                try (exchange) {
                  exchange.sendResponseHeaders(204, -1);
                }
              })
          .start();

      assertThat(status(client, face, "/a")).isEqualTo(204);
      assertThat(status(client, face, "/a/b")).isEqualTo(204);
      assertThat(status(client, face, "/b")).isEqualTo(404);
    }
  }

  @Test
  void saysThatItsPortIsTaken() throws IOException {
    try (HttpFace face = HttpFace.listen("127.0.0.1", 0, threads)) {
      assertThatThrownBy(() -> HttpFace.listen("127.0.0.1", face.port(), threads))
          .isInstanceOf(IOException.class);
    }
  }

  private static int status(HttpClient client, HttpFace face, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + face.port() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
  }
}

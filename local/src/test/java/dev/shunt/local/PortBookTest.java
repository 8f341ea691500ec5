package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.Ports;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortBookTest {
  @TempDir Path directory;

  @Test
  void twoClustersThatStartTogetherGetPortsOfTheirOwn() {
    int usual = Ports.free();
    try (PortBook one = book("one");
        PortBook other = book("other")) {
      assertThat(one.of("kafka", usual)).isEqualTo(usual);
      assertThat(other.of("kafka", usual)).isNotEqualTo(usual);
    }
  }

  @Test
  void twoPartsGetTwoPorts() {
    int usual = Ports.free();
    try (PortBook book = book("one")) {
      assertThat(book.of("kafka", usual)).isEqualTo(usual);
      assertThat(book.of("kafka", usual)).isEqualTo(usual);
      assertThat(book.of("http", usual)).isNotEqualTo(usual);
    }
  }

  @Test
  void isFoundAtTheSamePlaceAgain() {
    int port;
    try (PortBook book = book("one")) {
      port = book.of("kafka", 0);
    }
    try (PortBook book = book("one")) {
      assertThat(book.of("kafka", 0)).isEqualTo(port);
    }
  }

  @Test
  void aFolderHasOneClusterAtATime() {
    PortBook first = book("one");
    assertThatThrownBy(() -> book("one")).hasMessageContaining("another cluster uses");
    first.close();
    book("one").close();
  }

  @Test
  void saysWhichPortOfOldIsTaken() throws Exception {
    int port;
    try (PortBook book = book("one")) {
      port = book.of("kafka", 0);
    }
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        PortBook book = book("one")) {
      assertThat(taken.isBound()).isTrue();
      assertThatThrownBy(() -> book.of("kafka", 0))
          .hasMessageContaining("port " + port + " of kafka is in use")
          .hasMessageContaining("ports.properties");
    }
  }

  private PortBook book(String folder) {
    return new PortBook(directory.resolve(folder).resolve("ports.properties"));
  }
}

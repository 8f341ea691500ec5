package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What data survives is tested in module mysql, which can run statements. */
class DatabaseServerIT {
  @TempDir Path directory;

  @Test
  void mariaDbStartsAgainAfterAKillAndAStop() throws Exception {
    survivesKillAndStop(MariaDbServer::start);
  }

  @Test
  void olderMariaDbStartsAgainAfterAKillAndAStop() throws Exception {
    MariaDbVersion version = MariaDbVersion.V10_11;
    assumeTrue(version.isAvailableOrRequired(), version.hint());
    survivesKillAndStop(settings -> MariaDbServer.start(version, settings));
  }

  @Test
  void mySqlStartsAgainAfterAKillAndAStop() throws Exception {
    assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    survivesKillAndStop(MySqlServer::start);
  }

  private void survivesKillAndStop(Function<DatabaseSettings, DatabaseServer> starter)
      throws IOException {
    // A path that is too long for a socket.
    Path longPath = directory.resolve("a-rather-long-name-of-a-directory/".repeat(4));
    DatabaseSettings settings = DatabaseSettings.in(longPath).withServerId(7);
    int port;
    try (DatabaseServer server = starter.apply(settings)) {
      port = server.port();
      long pid = server.pid();
      server.kill();
      assertThat(server.running()).isFalse();
      assertThat(ProcessHandle.of(pid)).isEmpty();
      server.start();
      assertThat(server.running()).isTrue();
      assertThat(server.port()).isEqualTo(port);
      assertThat(server.socket()).exists();
      assertThat(server.clientSocket()).as("of a path that is too long").isEmpty();
      assertThat(errors(longPath)).isEmpty();
    }
    try (DatabaseServer server = starter.apply(settings.withPort(port))) {
      assertThat(server.port()).isEqualTo(port);
      server.pause();
      server.resume();
      assertThat(server.running()).isTrue();
    }
  }

  private static List<String> errors(Path directory) throws IOException {
    try (var lines = Files.lines(directory.resolve("server.log"))) {
      return lines.filter(line -> line.contains("[ERROR]")).toList();
    }
  }
}

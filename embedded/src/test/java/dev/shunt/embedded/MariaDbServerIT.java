package dev.shunt.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MariaDbServerIT {
  @Test
  void startsAgainOnTheSamePortAfterAKill(@TempDir Path directory) {
    try (MariaDbServer server = MariaDbServer.start(directory, 0)) {
      int port = server.port();
      long pid = server.pid();
      assertThat(server.running()).isTrue();
      server.kill();
      assertThat(server.running()).isFalse();
      assertThat(ProcessHandle.of(pid)).isEmpty();
      server.start();
      assertThat(server.running()).isTrue();
      assertThat(server.port()).isEqualTo(port);
      assertThat(server.pid()).isNotEqualTo(pid);
    }
  }
}

package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.shunt.embedded.DatabaseServer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class ServerLossIT {
  @Parameter TestServer kind;
  @TempDir Path directory;

  @Test
  void aServerKilledWhileRowsComeIsToldAndItsDataStays() {
    try (DatabaseServer server = kind.start(directory)) {
      MysqlEndpoint endpoint = TestServer.endpoint(server);
      long rows;
      try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
        assertThat(connection.ping()).isTrue();
        connection.execute("CREATE DATABASE d");
        connection.use("d");
        connection.execute("CREATE TABLE t (a INT AUTO_INCREMENT PRIMARY KEY, b TEXT)");
        connection.execute("INSERT INTO t (b) VALUES (REPEAT('x', 1000))");
        for (int i = 0; i < 10; i++) {
          connection.execute("INSERT INTO t (b) SELECT b FROM t");
        }
        rows = connection.execute("SELECT COUNT(*) FROM t").only().number(0);
        assertThatExceptionOfType(MysqlException.class)
            .isThrownBy(() -> readWhileKilling(connection, server))
            .withMessageContaining(
                "lost the connection to the database at "
                    + endpoint.address()
                    + " while reading rows")
            .satisfies(e -> assertThat(e.connectionLost()).isTrue());
        assertThat(connection.isClosed()).isTrue();
      }
      server.start();
      try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
        assertThat(connection.execute("SELECT COUNT(*) FROM d.t").only().number(0)).isEqualTo(rows);
      }
    }
  }

  private static void readWhileKilling(MysqlConnection connection, DatabaseServer server) {
    try (RowCursor cursor = connection.stream("SELECT x.* FROM t x JOIN t y")) {
      assertThat(cursor.next()).isTrue();
      server.kill();
      while (cursor.next()) {
        assertThat(cursor.length(1)).isEqualTo(1000);
      }
    }
  }

  @Test
  void anInterruptedVirtualThreadStopsWaiting() throws Exception {
    DatabaseServer server = kind.shared();
    CompletableFuture<Boolean> lost = new CompletableFuture<>();
    MysqlConnection connection = MysqlConnection.open(TestServer.endpoint(server));
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                connection.execute("SELECT SLEEP(30)");
                lost.complete(false);
              } catch (MysqlException e) {
                lost.complete(e.connectionLost());
              }
            });
    waiting.interrupt();
    assertThat(lost.get()).isTrue();
    assertThat(connection.isClosed()).isTrue();
  }
}

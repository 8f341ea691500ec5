package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.shunt.embedded.MariaDbServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MysqlConnectionIT {
  @TempDir static Path directory;
  private static MariaDbServer server;
  private static MysqlEndpoint endpoint;

  @BeforeAll
  static void start() {
    server = MariaDbServer.start(directory, 0);
    endpoint =
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void runsStatements() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      connection.executeMulti(
          "CREATE DATABASE d; USE d; CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(10))");
      assertThat(connection.execute("INSERT INTO t VALUES (1,'x'),(2,NULL)").affectedRows())
          .isEqualTo(2);
      QueryResult result = connection.execute("SELECT * FROM t ORDER BY a");
      assertThat(result.rows()).hasSize(2);
      assertThat(result.rows().get(0).text(1)).isEqualTo("x");
      assertThat(result.rows().get(1).isNull(1)).isTrue();
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> connection.execute("INSERT INTO t VALUES (1,'x')"))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(1062));
      try (RowCursor rows = connection.stream("SELECT a FROM t")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.next()).isTrue();
        assertThat(rows.next()).isFalse();
      }
      connection.reset();
      connection.use("d");
      assertThat(
              connection
                  .loadDataLocal(
                      "LOAD DATA LOCAL INFILE 'x' INTO TABLE t CHARACTER SET binary",
                      out ->
                          out.write(
                              "3\tc\n4\td\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                  .affectedRows())
          .isEqualTo(2);
    }
  }
}

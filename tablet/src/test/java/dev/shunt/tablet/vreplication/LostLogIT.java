package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.embedded.Ports;
import dev.shunt.mysql.LostTransactions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A server whose log was reset numbers its transactions anew. */
class LostLogIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private DatabaseServer start(DatabaseKind kind) {
    return kind.start(DatabaseSettings.in(directory.resolve("server")).withServerId(7));
  }

  private static TestDatabase database(DatabaseServer server) {
    return TestDatabase.on(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endsAStreamThatHasMoreOfTheServerThanTheServerItself(DatabaseKind kind) {
    endsAStream(
        kind,
        source ->
            source.run(
                kind.engine() == Engine.MYSQL ? "RESET BINARY LOGS AND GTIDS" : "RESET MASTER",
                "INSERT INTO t VALUES (3)"),
        "lost transactions of its own log");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endsAStreamWhoseLogWasPurgedWhileItWasStopped(DatabaseKind kind) {
    endsAStream(
        kind,
        source -> {
          source.run("INSERT INTO t VALUES (3)");
          purge(source);
        },
        "has purged the part of its log");
  }

  /**
   * Starts a stream again behind which the source's log is lost.
   *
   * @param loss done while the stream is stopped
   */
  private void endsAStream(DatabaseKind kind, Consumer<TestDatabase> loss, String reason) {
    try (DatabaseServer server = start(kind)) {
      TestDatabase source = database(server);
      try (StreamingCluster cluster =
          new StreamingCluster(directory.resolve("topo"), source, TestDatabase.target(kind))) {
        for (TestDatabase database : List.of(source, cluster.target)) {
          database.run("CREATE TABLE t (id INT PRIMARY KEY)");
        }
        int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
        cluster.awaitState(id, "Running");
        source.run("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)");
        cluster.awaitCaughtUp(id);
        cluster.stop(id);
        loss.accept(source);

        cluster.update(id, "state='Running'");

        cluster.awaitState(id, "Error");
        assertThat(cluster.column(id, "message")).contains(reason, "must be copied again");
      }
    }
  }

  /** A log is kept while a reader that has gone is not missed, or a crash might need it. */
  private static void purge(TestDatabase source) {
    try (MysqlConnection connection = source.connect()) {
      if (!connection
          .execute("SHOW VARIABLES LIKE 'slave_connections_needed_for_purge'")
          .rows()
          .isEmpty()) {
        connection.execute("SET GLOBAL slave_connections_needed_for_purge = 0");
      }
      String missed = connection.execute("SHOW BINARY LOGS").rows().getLast().text(0);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            connection.execute("FLUSH BINARY LOGS");
            List<Row> logs = connection.execute("SHOW BINARY LOGS").rows();
            connection.execute("PURGE BINARY LOGS TO '" + logs.getLast().text(0) + "'");
            return connection.execute("SHOW BINARY LOGS").rows().stream()
                .noneMatch(log -> log.text(0).equals(missed));
          });
    }
  }

  /**
   * As a former primary is that was made anew from a backup: it has its own, though not in logs.
   */
  @ParameterizedTest
  @EnumSource(
      value = DatabaseKind.class,
      names = {"MARIADB_11_4", "MARIADB_10_11"})
  void isNotLostThatAServerHasFromABackup(DatabaseKind kind) {
    try (DatabaseServer server = start(kind)) {
      TestDatabase source = database(server);
      source.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      try (MysqlConnection reader = source.connect()) {
        Position made =
            Position.parse("MariaDB/" + reader.execute("SELECT @@gtid_binlog_pos").only().text(0));
        source.run("RESET MASTER");
        assertThat(LostTransactions.of(reader, made)).isPresent();
        source.run("SET GLOBAL gtid_slave_pos = '" + made.text() + "'");
        assertThat(LostTransactions.of(reader, made)).isEmpty();
      }
    }
  }

  /** As a former primary that was made anew may, also while it can't reach the other server. */
  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MYSQL")
  void isNotLostThatAReplicaMayStillGet(DatabaseKind kind) {
    try (DatabaseServer server = start(kind)) {
      TestDatabase source = database(server);
      try (MysqlConnection reader = source.connect()) {
        String uuid = reader.execute("SELECT @@server_uuid").only().text(0);
        Position position = Position.parse("MySQL56/" + uuid + ":1000");
        assertThat(LostTransactions.of(reader, position)).isPresent();
        source.run(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = "
                + Ports.free()
                + ", SOURCE_USER = 'nobody', SOURCE_AUTO_POSITION = 1",
            "START REPLICA");

        assertThat(LostTransactions.of(reader, position)).isEmpty();

        source.run("STOP REPLICA");
        assertThat(LostTransactions.of(reader, position)).isPresent();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = DatabaseKind.class, names = "MYSQL")
  void isNotLostThatIsAboutToBeCommitted(DatabaseKind kind) {
    try (DatabaseServer server = start(kind)) {
      TestDatabase source = database(server);
      source.run("CREATE TABLE t (id INT PRIMARY KEY)");
      try (MysqlConnection writer = source.connect();
          MysqlConnection other = source.connect();
          MysqlConnection reader = source.connect()) {
        String uuid = reader.execute("SELECT @@server_uuid").only().text(0);
        Position position = Position.parse("MySQL56/" + uuid + ":1000:1002");
        assertThat(LostTransactions.of(reader, position)).get().asString().contains("1002");
        writer.execute("SET gtid_next = '" + uuid + ":1000'");
        writer.execute("BEGIN");
        other.execute("SET gtid_next = '" + uuid + ":1002'");
        other.execute("BEGIN");
        assertThat(LostTransactions.of(reader, position)).isEmpty();
        writer.execute("COMMIT");
        other.execute("COMMIT");
        assertThat(LostTransactions.of(reader, position)).isEmpty();
        Position ofOthers = Position.parse("MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5");
        assertThat(LostTransactions.of(reader, ofOthers)).isEmpty();
      }
    }
  }
}

package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Positions;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.TabletException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions of two servers stand in one domain of a MariaDB without gtid_strict_mode. */
class TwoWritersIT {
  @TempDir Path directory;

  /** Writes as if a server of this number had, with a number of its own; returns the position. */
  private static String write(TestDatabase source, int server, long sequence, String sql) {
    try (MysqlConnection connection = source.connect()) {
      connection.execute("SET SESSION server_id = " + server + ", gtid_seq_no = " + sequence);
      connection.execute(sql);
      return Positions.current(connection).encoded();
    }
  }

  /** Servers write by turns, so that a snapshot's last transaction is another one's than that. */
  private static void takeTurns(TestDatabase source, AtomicBoolean done) {
    try (MysqlConnection connection = source.connect()) {
      for (int i = 0; !done.get(); i++) {
        connection.execute("SET SESSION server_id = " + (100 + i % 7));
        connection.execute("UPDATE t SET v = " + i + " WHERE id = 1");
      }
    }
  }

  @Test
  void areNoReasonToTakeASourceForBehind() throws Exception {
    try (DatabaseServer server =
        DatabaseKind.MARIADB_11_4.start(
            DatabaseSettings.in(directory.resolve("server")).withServerId(7))) {
      TestDatabase source =
          TestDatabase.on(
              new MysqlEndpoint(
                  server.host(),
                  server.port(),
                  server.user(),
                  Password.of(server.password()),
                  null));
      source.run("SET GLOBAL gtid_strict_mode = 0");
      try (StreamingCluster cluster =
          new StreamingCluster(
              directory.resolve("topo"), source, TestDatabase.target(DatabaseKind.MARIADB_11_4))) {
        for (TestDatabase database : new TestDatabase[] {source, cluster.target}) {
          database.run("CREATE TABLE t (id INT PRIMARY KEY, v INT)");
        }
        source.run("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)");
        cluster.target.run("INSERT INTO t VALUES (1, 1)");
        int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
        write(source, 98, 5_000, "INSERT INTO t VALUES (4, 4)");
        cluster.cutOff(id, "t", "id", 1);
        AtomicBoolean done = new AtomicBoolean();
        Thread writers = Thread.ofVirtual().start(() -> takeTurns(source, done));
        try {
          cluster.goOn(id);

          cluster.awaitState(id, "Running");
        } finally {
          done.set(true);
          writers.join();
        }
        assertThat(cluster.log(id)).doesNotContain("is behind the stream");
        String passed = write(source, 98, 5_001, "INSERT INTO t VALUES (5, 5)");
        write(source, 99, 301, "INSERT INTO t VALUES (6, 6)");
        write(source, 97, 20, "INSERT INTO t VALUES (7, 7)");
        cluster.awaitCaughtUp(id);
        assertThat(rows(cluster.target, "t")).isEqualTo(rows(source, "t"));
        cluster
            .targetClient()
            .withDeadline(Duration.ofSeconds(10))
            .vReplicationWaitForPos(id, passed);
        assertThatThrownBy(() ->
                cluster
                    .targetClient()
                    .withDeadline(Duration.ofSeconds(1))
                    .vReplicationWaitForPos(id, "MariaDB/0-98-5002"))
            .isInstanceOf(TabletException.class);
      }
    }
  }
}

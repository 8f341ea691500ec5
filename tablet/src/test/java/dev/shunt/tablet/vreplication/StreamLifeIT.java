package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.OnDDLAction;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.TabletException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** When streams stop, fail, wait and come back. */
class StreamLifeIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    for (TestDatabase database : List.of(cluster.source, cluster.target)) {
      database.run(
          "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200))", "CREATE TABLE other (id INT)");
    }
    cluster.source.run("INSERT INTO t VALUES (1,'a')");
    return cluster;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnWhenItIsStartedAgainBehindTheCopyThatItStoppedAfter(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id =
          cluster.stream(
              cluster.binlogSource(rule("t", "select * from t")).toBuilder()
                  .setStopAfterCopy(true)
                  .build());
      cluster.awaitState(id, "Stopped");
      assertThat(cluster.column(id, "message")).isEqualTo("Stopped after copy.");
      cluster.source.run("INSERT INTO t VALUES (2,'b')");

      cluster.update(id, "state='Running', message=''");
      cluster.awaitCaughtUp(id);

      assertThat(cluster.column(id, "state")).isEqualTo("Running");
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',", "'2','b',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void stopsAfterTheCopyAlsoWhenItWasCutOffBehindTheLastRow(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id =
          cluster.stream(
              cluster.binlogSource(rule("t", "select * from t")).toBuilder()
                  .setStopAfterCopy(true)
                  .build());
      cluster.awaitState(id, "Stopped");
      cluster.source.run("INSERT INTO t VALUES (2,'b')");

      cluster.update(id, "state='Copying', message=''"); // as a process that died left it

      cluster.awaitState(id, "Stopped");
      assertThat(cluster.column(id, "message")).isEqualTo("Stopped after copy.");
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void stopsAtAPositionThatNoneOfItsTablesReached(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.update(id, "state='Stopped', message='for a test'");
      cluster.source.run("INSERT INTO t VALUES (2,'b')", "INSERT INTO other VALUES (1)");
      Position stop = cluster.sourcePosition();
      cluster.source.run("INSERT INTO t VALUES (3,'c')");

      cluster.update(id, "state='Running', stop_pos='" + stop.encoded() + "'");

      cluster.awaitState(id, "Stopped");
      assertThat(cluster.column(id, "message")).startsWith("Stopped at position");
      assertThat(Position.parse(cluster.column(id, "pos"))).isEqualTo(stop);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',", "'2','b',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void stopsAtOrFollowsChangesOfItsTables(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      var source = cluster.binlogSource(rule("t", "select * from t")).toBuilder();
      int id = cluster.stream(source.setOnDdl(OnDDLAction.STOP).build());
      cluster.awaitState(id, "Running");
      cluster.source.run("ALTER TABLE other ADD x INT", "ALTER TABLE t ADD w INT");
      cluster.awaitState(id, "Stopped");
      assertThat(cluster.column(id, "message")).isEqualTo("Stopped at DDL ALTER TABLE t ADD w INT");

      cluster.target.run("ALTER TABLE t ADD w INT");
      cluster.source.run("INSERT INTO t VALUES (2,'b',7)");
      cluster.update(id, "state='Running', message=''");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endsWithAnErrorThatTryingAgainWouldNotHeal(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cluster.target.run("INSERT INTO t VALUES (5,'in the way')");
      cluster.source.run("INSERT INTO t VALUES (5,'e')");

      cluster.awaitState(id, "Error");

      assertThat(cluster.column(id, "message")).startsWith("terminal error: ").contains("1062");
      assertThatThrownBy(() -> cluster.awaitCaughtUp(id))
          .isInstanceOf(TabletException.class)
          .hasMessageContaining("before reaching position");
      cluster.target.run("DELETE FROM t WHERE id=5");
      cluster.update(id, "state='Running', message=''");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void endsWithAnErrorWhenItsRowCannotBeRead(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int unreadable =
          cluster.stream(cluster.binlogSource(rule("t", "select * from t")), "Stopped");
      cluster.update(unreadable, "source='keyspace: {', state='Running'");
      cluster.awaitState(unreadable, "Error");
      assertThat(cluster.column(unreadable, "message")).contains("can't be read");
    }
  }

  @Test
  void startsAgainWhatWasStoppedWhenTheDatabaseWentAway() {
    DatabaseKind kind = DatabaseKind.MARIADB_11_4;
    try (DatabaseServer server =
        kind.start(DatabaseSettings.in(directory.resolve("own")).withServerId(9))) {
      MysqlEndpoint endpoint =
          new MysqlEndpoint(
              server.host(), server.port(), server.user(), Password.of(server.password()), null);
      TestDatabase source = TestDatabase.source(kind);
      TestDatabase target = TestDatabase.on(endpoint);
      try (StreamingCluster cluster =
          new StreamingCluster(directory.resolve("topo"), source, target)) {
        source.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        target.run("CREATE TABLE t (id INT PRIMARY KEY)");
        int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
        cluster.awaitState(id, "Running");
        CompletableFuture<Void> update;
        try (MysqlConnection holder = target.connect()) {
          holder.execute("BEGIN");
          holder.execute("SELECT * FROM _vt.vreplication FOR UPDATE");
          update = CompletableFuture.runAsync(() -> cluster.update(id, "cell='zone1'"));
          try (MysqlConnection watch = target.connect()) {
            Awaitility.await()
                .until(() ->
                    !watch
                        .execute(
                            "SELECT 1 FROM information_schema.PROCESSLIST"
                                + " WHERE INFO LIKE 'SELECT id%FOR UPDATE'")
                        .rows()
                        .isEmpty());
          }
          server.kill();
        }
        assertThat(update).failsWithin(Duration.ofSeconds(20));
        source.run("INSERT INTO t VALUES (2)");
        server.start();

        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(rows(target, "t")).isEqualTo(rows(source, "t")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void logsOnceWhyItDoesNotGoOnAndOnceThatItDoes(boolean sourceIsAway) {
    DatabaseKind kind = DatabaseKind.MARIADB_11_4;
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(Controller.class);
    lines.start();
    logger.addAppender(lines);
    try (DatabaseServer server =
        kind.start(DatabaseSettings.in(directory.resolve("source")).withServerId(9))) {
      TestDatabase own =
          TestDatabase.on(
              new MysqlEndpoint(
                  server.host(),
                  server.port(),
                  server.user(),
                  Password.of(server.password()),
                  null));
      TestDatabase source = sourceIsAway ? own : TestDatabase.source(kind);
      TestDatabase target = sourceIsAway ? TestDatabase.target(kind) : own;
      try (StreamingCluster cluster =
          new StreamingCluster(directory.resolve("topo"), source, target)) {
        source.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        target.run("CREATE TABLE t (id INT PRIMARY KEY)");
        int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
        cluster.awaitState(id, "Running");
        cluster.awaitCaughtUp(id);
        server.kill();
        Awaitility.await()
            .during(Duration.ofSeconds(10)) // it is tried many times
            .atMost(Duration.ofSeconds(15))
            .until(() -> true);
        List<ILoggingEvent> away = List.copyOf(lines.list);

        server.start();
        source.run("INSERT INTO t VALUES (2)");
        cluster.awaitCaughtUp(id);

        assertThat(away).as("%s", away).hasSizeBetween(1, 5); // the connection breaks first
        assertThat(away).allMatch(line -> line.getLevel() == Level.WARN);
        assertThat(lines.list).as("traces").allMatch(line -> line.getThrowableProxy() == null);
        assertThat(lines.list)
            .filteredOn(line -> line.getLevel() == Level.INFO)
            .extracting(ILoggingEvent::getFormattedMessage)
            .containsExactly("stream goes on");
      }
    } finally {
      logger.detachAppender(lines);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnWhenItsConnectionsAreCut(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      try (MysqlConnection connection = cluster.source.connect()) {
        for (int i = 0; i < 40; i++) {
          StringBuilder sql = new StringBuilder("INSERT INTO t VALUES ");
          for (int j = 0; j < 500; j++) {
            sql.append(j == 0 ? "" : ",").append("(").append(i * 500 + j + 10);
            sql.append(",REPEAT('r',150))");
          }
          connection.execute(sql.toString());
        }
      }
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      for (int i = 0; i < 3; i++) {
        long copied = Long.parseLong(cluster.column(id, "rows_copied"));
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .pollInterval(Duration.ofMillis(2))
            .until(() ->
                Long.parseLong(cluster.column(id, "rows_copied")) > copied
                    || cluster.column(id, "state").equals("Running"));
        cut(cluster.target);
        cluster.source.run(
            "UPDATE t SET id = id + 100000 WHERE id % 997 = " + i,
            "UPDATE t SET id = id - 100000, v = 'back' WHERE id > 100000 AND id % 2 = 0");
      }
      cluster.awaitState(id, "Running");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).isEqualTo(rows(cluster.source, "t"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void tellsOfALostConnectionAndGoesOn(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      cut(cluster.target);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(cluster.log(id)).containsIgnoringCase("connection"));
      cluster.source.run("INSERT INTO t VALUES (2,'b')");
      cluster.awaitCaughtUp(id);
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',", "'2','b',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void tellsOfAnErrorOfTheProcessAndGoesOn(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.failNext(new OutOfMemoryError("of a test"));
      int id = cluster.stream(cluster.binlogSource(rule("t", "select * from t")));
      cluster.awaitState(id, "Running");
      assertThat(cluster.log(id)).contains("OutOfMemoryError: of a test");
      assertThat(rows(cluster.target, "t")).containsExactly("'1','a',");
    }
  }

  private static void cut(TestDatabase database) {
    try (MysqlConnection connection = database.connect()) {
      String sql =
          "SELECT ID FROM information_schema.PROCESSLIST WHERE DB='"
              + database.name()
              + "' AND ID <> CONNECTION_ID()";
      for (Row row : connection.execute(sql).rows()) {
        try {
          connection.execute("KILL " + row.text(0));
        } catch (MysqlException e) {
          assertThat(e.errno()).as("gone by itself").isEqualTo(1094);
        }
      }
    }
  }
}

package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.OnDDLAction;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What foreign keys do to rows, where source and target do not have the same ones. */
class ForeignKeyActionsIT {
  private static final String PARENT = "CREATE TABLE p (id INT PRIMARY KEY)";
  private static final String CHILD = "CREATE TABLE c (id INT PRIMARY KEY, p INT, KEY (p))";
  private static final String ADD =
      "ALTER TABLE c ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE";
  private static final String DROP = "ALTER TABLE c DROP FOREIGN KEY f";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** Those whose log does not tell what foreign keys did. */
  static List<DatabaseKind> unlogged() {
    return kinds().stream().filter(kind -> kind.engine() == Engine.MARIADB).toList();
  }

  static List<DatabaseKind> logged() {
    return kinds().stream().filter(kind -> kind.engine() == Engine.MYSQL).toList();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    cluster.source.run(PARENT, CHILD);
    cluster.target.run(PARENT, CHILD);
    cluster.source.run(
        "INSERT INTO p VALUES (1), (2), (3)", "INSERT INTO c VALUES (10, 1), (20, 2), (30, 3)");
    return cluster;
  }

  private static int stream(StreamingCluster cluster, OnDDLAction action) {
    return cluster.stream(source(cluster, action, "select * from p", "select * from c"));
  }

  private static BinlogSource source(
      StreamingCluster cluster, OnDDLAction action, String parent, String child) {
    return cluster.binlogSource(rule("p", parent), rule("c", child)).toBuilder()
        .setOnDdl(action)
        .build();
  }

  private static int running(StreamingCluster cluster, OnDDLAction action) {
    int id = stream(cluster, action);
    cluster.awaitState(id, "Running");
    return id;
  }

  private static void goOn(StreamingCluster cluster, int id) {
    cluster.update(id, "state='Running', message=''");
  }

  private static void awaitError(StreamingCluster cluster, int id, String... texts) {
    cluster.awaitState(id, "Error");
    assertThat(cluster.column(id, "message")).contains(texts);
  }

  private static void assertEqual(StreamingCluster cluster, int id) {
    cluster.awaitCaughtUp(id);
    cluster.assertEqual(List.of("p", "c"));
  }

  @ParameterizedTest
  @MethodSource("unlogged")
  void mustBeTheSameBeforeAStreamBegins(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run(ADD);
      int id = stream(cluster, OnDDLAction.IGNORE);
      awaitError(cluster, id, "only the source has f of c (p to p.id, ON DELETE CASCADE)");
      assertThat(rows(cluster.target, "p")).isEmpty();

      cluster.target.run(ADD.replace("CASCADE", "SET NULL"));
      cluster.goOn(id);
      awaitError(cluster, id, "only the target has f of c (p to p.id, ON DELETE SET NULL)");

      cluster.target.run(DROP, ADD);
      cluster.goOn(id);
      cluster.awaitState(id, "Running");
      cluster.source.run("DELETE FROM p WHERE id = 1");
      assertEqual(cluster, id);
      assertThat(rows(cluster.target, "c")).hasSize(2);
    }
  }

  @ParameterizedTest
  @MethodSource("unlogged")
  void thatTheSourceDropsEndTheStream(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run(ADD);
      cluster.target.run(ADD);
      int id = running(cluster, OnDDLAction.IGNORE);
      cluster.source.run(DROP, "DELETE FROM p WHERE id = 1");
      awaitError(cluster, id, "only the target has f of c", DROP, "--on-ddl EXEC");
      assertThat(rows(cluster.target, "c")).hasSize(3);

      cluster.target.run(DROP);
      goOn(cluster, id);
      assertEqual(cluster, id);
      assertThat(rows(cluster.target, "c")).hasSize(3);
    }
  }

  /** What the source has by now does not tell what it had in between. */
  @ParameterizedTest
  @MethodSource("unlogged")
  void thatTheSourceDropsAndAddsAgainEndTheStream(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run(ADD);
      cluster.target.run(ADD);
      int id = running(cluster, OnDDLAction.IGNORE);
      cluster.stop(id);
      cluster.source.run(
          DROP,
          "DELETE FROM p WHERE id = 1",
          "UPDATE c SET p = 2 WHERE p = 1",
          "INSERT INTO p VALUES (4)",
          ADD);
      goOn(cluster, id);
      awaitError(cluster, id, "the target has f of c", DROP);
      assertThat(rows(cluster.target, "c")).hasSize(3);
    }
  }

  @ParameterizedTest
  @MethodSource("unlogged")
  void thatTheSourceAddsEndTheStream(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster, OnDDLAction.IGNORE);
      cluster.source.run(ADD, "DELETE FROM p WHERE id = 1");
      awaitError(cluster, id, "only the source has f of c", "ADD CONSTRAINT f");
      assertThat(rows(cluster.target, "p")).hasSize(3);

      cluster.target.run(ADD);
      goOn(cluster, id);
      assertEqual(cluster, id);
      assertThat(rows(cluster.target, "c")).hasSize(2);
    }
  }

  @ParameterizedTest
  @MethodSource("unlogged")
  void areCarriedOutByExec(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster, OnDDLAction.EXEC_IGNORE);
      cluster.source.run(ADD, "DELETE FROM p WHERE id = 1");
      assertEqual(cluster, id);
      cluster.source.run(DROP, "DELETE FROM p WHERE id = 2");
      assertEqual(cluster, id);
      cluster.stop(id);
      cluster.source.run("DELETE FROM c WHERE id = 20", ADD, "DELETE FROM p WHERE id = 3");
      goOn(cluster, id); // the source has a key that the target is yet to get
      assertEqual(cluster, id);
      assertThat(rows(cluster.target, "c")).isEmpty();
    }
  }

  /** Nobody changed the source's, so no statement will come that makes them alike. */
  @ParameterizedTest
  @MethodSource("unlogged")
  void thatOnlyTheTargetGetsEndTheStream(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster, OnDDLAction.IGNORE);
      cluster.source.run("INSERT INTO p VALUES (4)");
      cluster.awaitCaughtUp(id);
      cluster.target.run(ADD);
      cluster.source.run("DELETE FROM p WHERE id = 1");
      awaitError(cluster, id, "only the target has f of c");
      assertThat(rows(cluster.target, "c")).hasSize(3);

      cluster.target.run(DROP);
      goOn(cluster, id);
      assertEqual(cluster, id);
    }
  }

  @ParameterizedTest
  @MethodSource("unlogged")
  void thatOnlyTheTargetHasEndAStreamThatFollowsChangesOfTables(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster, OnDDLAction.STOP);
      cluster.target.run(ADD);
      cluster.source.run("INSERT INTO p VALUES (4)");
      awaitError(cluster, id, "only the target has f of c");
    }
  }

  /**
   * A statement that makes them alike may be among what is to come, and only that is waited for.
   */
  @ParameterizedTest
  @MethodSource("unlogged")
  void endAStreamAtOnceOrTellWhatWasAppliedUnderThem(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster, OnDDLAction.STOP);
      cluster.source.run("INSERT INTO p VALUES (4)");
      cluster.awaitCaughtUp(id);
      cluster.stop(id);
      cluster.target.run(ADD);

      goOn(cluster, id);
      awaitError(cluster, id, "only the target has f of c");
      assertThat(cluster.column(id, "message")).doesNotContain("was applied");

      cluster.source.run("INSERT INTO p VALUES (5)");
      goOn(cluster, id);
      awaitError(cluster, id, "only the target has f of c");
      assertThat(cluster.column(id, "message"))
          .containsPattern("changed from position \\S+ to \\S+ was applied under these, so rows");
    }
  }

  @ParameterizedTest
  @MethodSource("unlogged")
  void betweenShardsAreRefused(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run(ADD);
      cluster.target.run(ADD);
      String parent = "select * from p where in_keyrange(id, 'hash', '-80')";
      int apart =
          cluster.stream(
              source(
                  cluster,
                  OnDDLAction.IGNORE,
                  parent,
                  "select * from c where in_keyrange(id, 'hash', '-80')"));
      awaitError(cluster, apart, "may have parent and child on different shards");
      cluster.delete(apart);

      int together =
          cluster.stream(
              source(
                  cluster,
                  OnDDLAction.IGNORE,
                  parent,
                  "select * from c where in_keyrange(p, 'hash', '-80')"));
      cluster.awaitState(together, "Running");
      int copied = rows(cluster.target, "c").size();
      cluster.source.run("DELETE FROM p");
      cluster.awaitCaughtUp(together);
      assertThat(copied).isPositive();
      assertThat(rows(cluster.target, "c")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void thatDoNothingToRowsMayDiffer(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run(ADD.replace("ON DELETE CASCADE", ""));
      int id = running(cluster, OnDDLAction.IGNORE);
      cluster.source.run(
          DROP,
          "ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p (id) ON DELETE RESTRICT",
          "DELETE FROM c WHERE id = 10",
          "DELETE FROM p WHERE id = 1");
      assertEqual(cluster, id);
      assertThat(cluster.column(id, "state")).isEqualTo("Running");
    }
  }

  @ParameterizedTest
  @MethodSource("logged")
  void mayDifferWhereTheLogTellsWhatTheyDo(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      cluster.source.run(ADD);
      int id = running(cluster, OnDDLAction.IGNORE);
      cluster.source.run("DELETE FROM p WHERE id = 1");
      assertEqual(cluster, id);
      cluster.target.run(ADD);
      cluster.source.run(DROP, "DELETE FROM p WHERE id = 2");
      assertEqual(cluster, id);
      assertThat(rows(cluster.target, "c")).hasSize(2);
    }
  }
}

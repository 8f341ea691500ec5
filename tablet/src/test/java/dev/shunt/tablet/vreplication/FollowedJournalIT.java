package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.ShardedCluster.rule;
import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.KeyspaceShard;
import binlogdata.Binlogdata.MigrationType;
import binlogdata.Binlogdata.ShardGtid;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tabletclient.TabletException;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams of other workflows when their sources' traffic is switched. */
class FollowedJournalIT {
  private static final List<String> OLD = List.of("-80", "80-");
  private static final String WAITS_FOR_B = "at journal 7: waits for stream(s) from customer/80-";

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  /** Each shard has its rows; those of the old shards are copied in two streams that run. */
  private ShardedCluster cluster(DatabaseKind kind, String... fresh) {
    String[] shards = new String[OLD.size() + fresh.length];
    OLD.toArray(shards);
    System.arraycopy(fresh, 0, shards, OLD.size(), fresh.length);
    ShardedCluster cluster = new ShardedCluster(directory.resolve("topo"), kind, shards);
    for (String shard : shards) {
      cluster.shard(shard).run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    }
    cluster.target.run("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    cluster.shard("-80").run("INSERT INTO t VALUES (1, 'a'), (2, 'a')");
    cluster.shard("80-").run("INSERT INTO t VALUES (3, 'b')");
    return cluster;
  }

  private static int running(ShardedCluster cluster, String shard) {
    int id = cluster.stream(shard, rule("t", "select * from t"));
    cluster.await(id, "state", "Running");
    return id;
  }

  /** The new shards have all that the old ones had, and rows behind the position that is given. */
  private static Map<String, String> resharded(ShardedCluster cluster, String one, String two) {
    cluster.shard(one).run("INSERT INTO t VALUES (1, 'a'), (10, 'late')");
    cluster.shard(two).run("INSERT INTO t VALUES (2, 'a'), (3, 'b'), (30, 'late')");
    Map<String, String> positions = new TreeMap<>();
    positions.put(one, cluster.position(one));
    positions.put(two, cluster.position(two));
    cluster.shard(one).run("INSERT INTO t VALUES (11, 'new')", "UPDATE t SET v = 'x' WHERE id = 1");
    cluster.shard(two).run("INSERT INTO t VALUES (31, 'new')", "DELETE FROM t WHERE id = 2");
    return positions;
  }

  private static void assertFollowed(ShardedCluster cluster, List<Integer> ids) {
    cluster.shard("-40").run("INSERT INTO t VALUES (12, 'newer')");
    cluster.shard("-80").run("INSERT INTO t VALUES (99, 'nobody reads this')");
    cluster.awaitCaughtUp(ids.get(0), "-40");
    cluster.awaitCaughtUp(ids.get(1), "40-");
    assertThat(rows(cluster.target, "t"))
        .containsExactly(
            "'1','x',",
            "'10','late',",
            "'11','new',",
            "'12','newer',",
            "'3','b',",
            "'30','late',",
            "'31','new',");
    assertThat(cluster.streams("report", "CONCAT(state, message)"))
        .containsExactly("Running", "Running");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void streamsFollowToTheNewShardsOnceBothHaveCome(DatabaseKind kind) {
    try (ShardedCluster cluster = cluster(kind, "-40", "40-")) {
      int a = running(cluster, "-80");
      int b = running(cluster, "80-");
      Map<String, String> positions = resharded(cluster, "-40", "40-");
      Journal journal = cluster.journal(7, OLD, positions);
      cluster.shard("-80").run("INSERT INTO t VALUES (10, 'late')");
      cluster.write("-80", journal);
      cluster.await(a, "message", WAITS_FOR_B);
      cluster.shard("-80").run("INSERT INTO t VALUES (98, 'denied')");
      assertThat(cluster.column(a, "state")).isEqualTo("Running");
      assertThat(rows(cluster.target, "t")).contains("'10','late',");
      assertThatThrownBy(() ->
              cluster
                  .client()
                  .withDeadline(Duration.ofMillis(300))
                  .vReplicationWaitForPos(a, cluster.position("-80")))
          .isInstanceOfSatisfying(
              TabletException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
      assertThat(cluster.column(b, "message")).isEmpty();

      cluster.shard("80-").run("INSERT INTO t VALUES (30, 'late')");
      cluster.write("80-", journal);

      List<Integer> ids = cluster.awaitSources("report", "-40", "40-");
      assertThat(ids).doesNotContain(a, b);
      assertFollowed(cluster, ids);
      assertThat(
              cluster.streams(
                  "report",
                  "CONCAT_WS('|', max_tps, max_replication_lag, cell, tablet_types, tags,"
                      + " workflow_type, workflow_sub_type, defer_secondary_keys, db_name,"
                      + " stop_pos, rows_copied, CAST(options AS CHAR))"))
          .containsExactly(
              "5|6|zone1|in_order:PRIMARY|tag|0|1|1|"
                  + cluster.target.name()
                  + "||3|{\"config\": {\"k\": \"v\"}}",
              "5|6|zone1|in_order:PRIMARY|tag|0|1|1|"
                  + cluster.target.name()
                  + "||0|{\"config\": {\"k\": \"v\"}}");
      assertThat(cluster.texts(log("Stream Deleted", a)))
          .containsExactly("at journal 7: goes on as stream(s) %d, %d".formatted(ids.toArray()));
      assertThat(cluster.texts(log("Stream Created", ids.get(1)))).hasSize(1);
      assertThatThrownBy(() ->
              cluster
                  .client()
                  .withDeadline(Duration.ofSeconds(5))
                  .vReplicationWaitForPos(a, cluster.position("-80")))
          .isInstanceOfSatisfying(
              TabletException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.NOT_FOUND));
    }
  }

  private static String log(String type, int id) {
    return "SELECT message FROM _vt.vreplication_log WHERE type='%s' AND vrepl_id=%d"
        .formatted(type, id);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aTabletThatStartsBetweenTheArrivalsReadsTheJournalAgain(DatabaseKind kind) {
    try (ShardedCluster cluster = cluster(kind, "-40", "40-")) {
      int a = running(cluster, "-80");
      running(cluster, "80-");
      Journal journal = cluster.journal(7, OLD, resharded(cluster, "-40", "40-"));
      cluster.shard("-80").run("INSERT INTO t VALUES (10, 'late')");
      cluster.write("-80", journal);
      cluster.await(a, "message", WAITS_FOR_B);
      cluster.restartTarget();
      cluster.target.run("UPDATE _vt.vreplication SET message='' WHERE id=" + a);

      cluster.shard("80-").run("INSERT INTO t VALUES (30, 'late')");
      cluster.write("80-", journal);

      assertFollowed(cluster, cluster.awaitSources("report", "-40", "40-"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void oneThatWaitsCanBeStoppedAndFollowsWhenItIsStarted(DatabaseKind kind) {
    try (ShardedCluster cluster = cluster(kind, "-40", "40-")) {
      int a = running(cluster, "-80");
      int b = running(cluster, "80-");
      Journal journal = cluster.journal(7, OLD, resharded(cluster, "-40", "40-"));
      cluster.shard("-80").run("INSERT INTO t VALUES (10, 'late')");
      cluster.write("-80", journal);
      cluster.await(a, "message", WAITS_FOR_B);
      cluster.update(a, "state='Stopped', message='by hand'");
      cluster.shard("80-").run("INSERT INTO t VALUES (30, 'late')");
      cluster.write("80-", journal);
      cluster.await(
          b,
          "message",
          "at journal 7: waits for stream(s) from customer/-80 (stream %d is Stopped)"
              .formatted(a));
      assertThat(cluster.column(a, "CONCAT(state, ' ', message)")).isEqualTo("Stopped by hand");

      cluster.update(a, "state='Running', message=''");

      assertFollowed(cluster, cluster.awaitSources("report", "-40", "40-"));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void streamsStopWhereOneOfThemIsMissing(DatabaseKind kind) {
    String missing =
        "cannot redirect on journal: not all sources are present in this workflow: missing"
            + " customer:80-";
    try (ShardedCluster cluster = cluster(kind, "-")) {
      int a = running(cluster, "-80");
      cluster.shard("-").run("INSERT INTO t VALUES (1, 'a')");
      Journal journal = cluster.journal(7, OLD, Map.of("-", cluster.position("-")));
      cluster.write("-80", journal);
      cluster.await(a, "state", "Stopped");
      assertThat(cluster.column(a, "message")).isEqualTo(missing);

      int b = running(cluster, "80-");
      cluster.update(a, "state='Running', message=''");
      cluster.await(a, "message", WAITS_FOR_B);
      cluster.client().vReplicationExec("delete from _vt.vreplication where id=" + b);

      cluster.await(a, "message", missing);
      assertThat(cluster.column(a, "state")).isEqualTo("Stopped");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void tablesOfTheSourceSayWhetherAMoveConcernsAStream(DatabaseKind kind) {
    try (ShardedCluster cluster = cluster(kind, "-")) {
      cluster.shard("-80").run("CREATE TABLE u (id INT PRIMARY KEY)");
      cluster.target.run("CREATE TABLE renamed (id INT PRIMARY KEY, v VARCHAR(20))");
      int id = cluster.stream("-80", rule("renamed", "select * from t"));
      cluster.await(id, "state", "Running");
      int both =
          cluster.stream(
              "both",
              VReplicationWorkflowType.Materialize,
              "-80",
              "Init",
              rule("t", "select * from t"),
              rule("u", "select * from u"));
      cluster.target.run("CREATE TABLE u (id INT PRIMARY KEY)");
      cluster.await(both, "state", "Running");
      cluster.write("-80", tables(5, cluster.position("-"), "renamed", "other"));
      cluster.shard("-80").run("INSERT INTO t VALUES (4, 'on')");
      cluster.awaitCaughtUp(id, "-80");
      cluster.awaitCaughtUp(both, "-80");
      assertThat(rows(cluster.target, "renamed")).contains("'4','on',");
      assertThat(rows(cluster.target, "t")).contains("'4','on',");

      cluster.write("-80", tables(6, cluster.position("-"), "t", "other"));
      cluster.shard("-").run("INSERT INTO t VALUES (5, 'there')");

      cluster.await(both, "state", "Stopped");
      assertThat(cluster.column(both, "message"))
          .isEqualTo("unable to handle journal event: tables were partially matched");
      int followed = cluster.awaitSources("report", "-").getFirst();
      cluster.awaitCaughtUp(followed, "-");
      assertThat(rows(cluster.target, "renamed")).contains("'5','there',");
    }
  }

  /** Of a move from customer/-80 to customer/-, which is as good as one to another keyspace. */
  private static Journal tables(long id, String position, String... tables) {
    return Journal.newBuilder()
        .setId(id)
        .setMigrationType(MigrationType.TABLES)
        .addAllTables(List.of(tables))
        .addParticipants(KeyspaceShard.newBuilder().setKeyspace("customer").setShard("-80"))
        .addShardGtids(
            ShardGtid.newBuilder().setKeyspace("customer").setShard("-").setGtid(position))
        .build();
  }

  /** The journal is that of a move into reporting/0, from where the other stream reads then. */
  @ParameterizedTest
  @MethodSource("kinds")
  void streamsOfTheSwitchItselfStopWhereOthersFollow(DatabaseKind kind) {
    try (ShardedCluster cluster = cluster(kind)) {
      cluster.target.run("CREATE TABLE seen (id INT PRIMARY KEY, v VARCHAR(20))");
      int own =
          cluster.stream(
              "move",
              VReplicationWorkflowType.MoveTables,
              "-80",
              "Init",
              rule("t", "select * from t"));
      int other = cluster.stream("-80", rule("seen", "select * from t"));
      cluster.await(own, "state", "Running");
      cluster.await(other, "state", "Running");
      String position = cluster.client().primaryPosition();
      Journal journal =
          tables(7, position, "t").toBuilder()
              .clearShardGtids()
              .addShardGtids(
                  ShardGtid.newBuilder().setKeyspace("reporting").setShard("0").setGtid(position))
              .build();

      cluster.write("-80", journal);

      cluster.await(own, "state", "Stopped");
      assertThat(cluster.column(own, "message"))
          .isEqualTo("the source of this stream was moved by journal 7");
      cluster.awaitSources("report", "0");
      cluster.target.run("INSERT INTO t VALUES (6, 'here')");
      int followed = Integer.parseInt(cluster.streams("report", "id").getFirst());
      cluster
          .client()
          .withDeadline(Duration.ofSeconds(30))
          .vReplicationWaitForPos(followed, cluster.client().primaryPosition());
      assertThat(rows(cluster.target, "seen")).contains("'6','here',");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aCopyThatIsNotFinishedStops(DatabaseKind kind) {
    try (ShardedCluster cluster = cluster(kind, "-")) {
      int id =
          cluster.stream(
              "report",
              VReplicationWorkflowType.Materialize,
              "-80",
              "Stopped",
              rule("t", "select * from t"));
      cluster.target.run(
          "UPDATE _vt.vreplication SET pos='%s' WHERE id=%d".formatted(cluster.position("-80"), id),
          "INSERT INTO _vt.copy_state (vrepl_id, table_name) VALUES (%d, 't')".formatted(id));
      cluster.write("-80", cluster.journal(7, List.of("-80"), Map.of("-", cluster.position("-"))));

      cluster.update(id, "state='Copying'");

      cluster.await(id, "state", "Stopped");
      assertThat(cluster.column(id, "message"))
          .isEqualTo(
              "the source of this stream was moved by journal 7 before its copy was finished:"
                  + " delete it and create it anew");
    }
  }
}

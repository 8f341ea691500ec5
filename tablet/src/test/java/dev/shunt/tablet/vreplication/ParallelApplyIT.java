package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.LongSuites;
import dev.shunt.tablet.vreplication.stream.TerminalErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tabletmanagerdata.Tabletmanagerdata.UpdateVReplicationWorkflowRequest;

/** Batches of a backlog are applied side by side, and readers of the target see none of it. */
class ParallelApplyIT {
  private static final int WRITERS = 4;
  private static final int TRANSACTIONS = 250;
  private static final int WIDE_ROWS = 3000;
  private static final List<String> TABLES =
      List.of("wide", "hot", "first", "second", "named", "keyless");

  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return LongSuites.kinds();
  }

  private StreamingCluster cluster(DatabaseKind kind) {
    StreamingCluster cluster = new StreamingCluster(directory.resolve("topo"), kind, kind);
    String[] tables = {
      "CREATE TABLE wide (id INT PRIMARY KEY, k INT, v VARCHAR(2000), KEY (k))",
      "CREATE TABLE hot (id INT PRIMARY KEY, n INT)",
      "CREATE TABLE first (id INT PRIMARY KEY, n INT)",
      "CREATE TABLE second (id INT PRIMARY KEY, n INT)",
      "CREATE TABLE named (id INT PRIMARY KEY, name VARCHAR(40), UNIQUE KEY (name))",
      "CREATE TABLE keyless (id INT, v VARCHAR(900))"
    };
    cluster.source.run(tables);
    cluster.target.run(tables);
    cluster.source.run(
        "INSERT INTO hot VALUES (1,0),(2,0),(3,0)",
        "INSERT INTO first VALUES (1,0)",
        "INSERT INTO second VALUES (1,0)");
    return cluster;
  }

  private static int running(StreamingCluster cluster) {
    int id =
        cluster.stream(
            cluster.binlogSource(
                TABLES.stream()
                    .map(table -> rule(table, "select * from " + table))
                    .toArray(binlogdata.Binlogdata.Rule[]::new)));
    cluster.awaitState(id, "Running");
    return id;
  }

  private static void state(StreamingCluster cluster, int id, String state) {
    cluster.update(id, "state = '" + state + "'");
  }

  private static void workers(StreamingCluster cluster, int count) {
    cluster
        .targetClient()
        .updateVReplicationWorkflow(
            UpdateVReplicationWorkflowRequest.newBuilder()
                .setWorkflow("move")
                .addCells("NULL")
                .addTabletTypesValue(-1)
                .putConfigOverrides(
                    "vreplication-parallel-replication-workers", Integer.toString(count))
                .build());
  }

  /** One of several writers: wide rows, hot rows, names that change hands, rows without a key. */
  private static void write(StreamingCluster cluster, int writer, long seed) {
    Random random = new Random(seed * WRITERS + writer);
    try (MysqlConnection connection = cluster.source.connect()) {
      for (int i = 0; i < TRANSACTIONS; i++) {
        List<String> sql = new ArrayList<>();
        sql.add("BEGIN");
        for (int j = 0; j < 8; j++) {
          int row = writer + WRITERS * random.nextInt(WIDE_ROWS / WRITERS);
          String value = "REPEAT('" + (char) ('a' + random.nextInt(26)) + "', 1500)";
          sql.add(
              random.nextInt(5) == 0
                  ? "DELETE FROM wide WHERE id = " + row
                  : "REPLACE INTO wide VALUES (" + row + ", " + i + ", " + value + ")");
        }
        sql.add("UPDATE hot SET n = n + 1 WHERE id = " + (1 + random.nextInt(3)));
        int name = writer + WRITERS * random.nextInt(20);
        sql.add(
            "REPLACE INTO named VALUES ("
                + random.nextInt(5) * WRITERS
                + writer
                + ", 'n"
                + name
                + "')");
        if (random.nextInt(3) == 0) {
          sql.add("INSERT INTO keyless VALUES (" + writer + ", REPEAT('k', 500))");
        } else {
          sql.add("DELETE FROM keyless WHERE id = " + writer + " LIMIT 1");
        }
        sql.add("COMMIT");
        try {
          connection.executeMulti(String.join(";", sql));
        } catch (MysqlException e) {
          assertThat(TerminalErrors.isLockConflict(e)).as("%s", e.getMessage()).isTrue();
          connection.execute("ROLLBACK");
        }
      }
    }
  }

  /** Counts up two rows in turn: the second never is ahead of the first. */
  private static void count(StreamingCluster cluster) {
    try (MysqlConnection connection = cluster.source.connect()) {
      for (int i = 0; i < 2 * TRANSACTIONS; i++) {
        connection.executeMulti("UPDATE first SET n = n + 1;UPDATE second SET n = n + 1");
      }
    }
  }

  private static void writeBacklog(StreamingCluster cluster, long seed) throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        writers.add(executor.submit(() -> write(cluster, writer, seed)));
      }
      writers.add(executor.submit(() -> count(cluster)));
      for (Future<?> writer : writers) {
        writer.get();
      }
    }
  }

  /** What a reader of the target saw. */
  private record Seen(List<String> wrong, int looks, int connections) {}

  private static Seen watch(StreamingCluster cluster, AtomicBoolean done) {
    List<String> wrong = new ArrayList<>();
    int looks = 0;
    int connections = 0;
    try (MysqlConnection reader = cluster.target.connect()) {
      String count =
          "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '"
              + cluster.target.name()
              + "'";
      long before = 0;
      while (!done.get()) {
        Row row = reader.execute("SELECT (SELECT n FROM first), (SELECT n FROM second)").only();
        long first = row.number(0);
        long second = row.number(1);
        if (first < second || first > second + 1 || second < before) {
          wrong.add(first + ", " + second + " after " + before);
        }
        before = second;
        looks++;
        connections = Math.max(connections, (int) reader.execute(count).only().number(0));
      }
    }
    return new Seen(wrong, looks, connections);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nobodySeesAnOrderThatTheSourceDidNotHave(DatabaseKind kind) throws Exception {
    try (StreamingCluster cluster = cluster(kind);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      int id = running(cluster);
      for (int workers : new int[] {2, 4}) {
        workers(cluster, workers);
        state(cluster, id, "Stopped");
        writeBacklog(cluster, workers);
        AtomicBoolean done = new AtomicBoolean();
        Future<Seen> seen = executor.submit(() -> watch(cluster, done));
        state(cluster, id, "Running");
        cluster.awaitCaughtUp(id);
        done.set(true);
        assertThat(seen.get().wrong()).isEmpty();
        assertThat(seen.get().connections()).as("reader, stream, lanes").isGreaterThanOrEqualTo(4);
        assertEqual(cluster);
      }
    }
  }

  private static void assertEqual(StreamingCluster cluster) {
    for (String table : TABLES) {
      assertThat(rows(cluster.target, table).equals(rows(cluster.source, table)))
          .as("rows of %s are equal", table)
          .isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void keepsUpWhileItsOptionChangesAndItIsStoppedAgainAndAgain(DatabaseKind kind) throws Exception {
    try (StreamingCluster cluster = cluster(kind);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      int id = running(cluster);
      AtomicBoolean done = new AtomicBoolean();
      Future<Seen> seen = executor.submit(() -> watch(cluster, done));
      Future<?> writing =
          executor.submit(() -> {
            writeBacklog(cluster, 7);
            return null;
          });
      Random random = new Random(7);
      while (!writing.isDone()) {
        workers(cluster, 1 + random.nextInt(5));
        if (random.nextBoolean()) {
          state(cluster, id, "Stopped");
          state(cluster, id, "Running");
        }
      }
      writing.get();
      cluster.awaitCaughtUp(id);
      done.set(true);
      assertThat(seen.get().wrong()).isEmpty();
      assertEqual(cluster);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void appliesNothingBehindAPositionThatSomebodyElseMoved(DatabaseKind kind) {
    try (StreamingCluster cluster = cluster(kind)) {
      int id = running(cluster);
      cluster.source.run("INSERT INTO keyless VALUES (1, 'a')");
      cluster.awaitCaughtUp(id);
      String earlier = cluster.column(id, "HEX(pos)");
      cluster.source.run("INSERT INTO keyless VALUES (2, 'b')");
      cluster.awaitCaughtUp(id);
      cluster.target.run(
          "DELETE FROM keyless WHERE id = 2",
          "UPDATE _vt.vreplication SET pos = X'" + earlier + "' WHERE id = " + id);

      cluster.source.run("INSERT INTO keyless VALUES (3, 'c')");
      Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertEqual(cluster));
      assertThat(cluster.log(id)).contains("another process applies");
    }
  }
}

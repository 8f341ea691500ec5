package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables are copied and followed while they are written to, and end equal. */
abstract class ReplicationConformance<S> {
  private static final String[] TABLES = {
    "CREATE TABLE plain (id BIGINT PRIMARY KEY, name VARCHAR(60), price DECIMAL(10,2),"
        + " made DATETIME(3), f FLOAT, KEY (name))",
    "CREATE TABLE texts (code VARCHAR(30) CHARACTER SET utf8mb4 PRIMARY KEY, n INT, j JSON,"
        + " b BIT(9), e ENUM('x','y','z'))",
    "CREATE TABLE pairs (a INT, b VARCHAR(20) CHARACTER SET latin1, v VARBINARY(40),"
        + " twice INT AS (a * 2) STORED, PRIMARY KEY (b, a))",
    "CREATE TABLE keyless (a INT, b VARCHAR(900) CHARACTER SET utf8mb4, c DOUBLE)"
  };
  private static final List<String> NAMES = List.of("plain", "texts", "pairs", "keyless");

  @TempDir Path directory;

  /** A source and a target with nothing in them, on servers of the kind asked for. */
  abstract StreamingCluster start(S servers, Path topology);

  private StreamingCluster cluster(S servers) {
    StreamingCluster cluster = start(servers, directory.resolve("topo"));
    cluster.source.run(TABLES);
    cluster.target.run(TABLES);
    return cluster;
  }

  private static Binlogdata.BinlogSource everything(StreamingCluster cluster) {
    return cluster.binlogSource(
        rule("plain", "select * from plain"),
        rule("texts", "select * from texts"),
        rule("pairs", "select * from pairs"),
        rule("keyless", "select * from keyless"));
  }

  private static void fill(StreamingCluster cluster, int count) {
    insert(cluster, "plain", count, "(%1$d, 'name %1$d', %1$d.25, now(3), 0.1)");
    insert(cluster, "texts", count, "('Key %1$d', %1$d, _utf8mb4'{\"k\": 1.5}', 5, 'y')");
    insert(cluster, "pairs (a, b, v)", count, "(%1$d, 'p', X'00ff')");
    insert(cluster, "keyless", count, "(%1$d %% 50, REPEAT('d', 800), 1.5)");
  }

  private static void insert(StreamingCluster cluster, String into, int count, String values) {
    cluster.source.run(
        IntStream.range(0, count)
            .mapToObj(values::formatted)
            .collect(Collectors.joining(",", "INSERT INTO " + into + " VALUES ", "")));
  }

  private static void assertEqual(StreamingCluster cluster) {
    for (String table : NAMES) {
      List<String> wanted = rows(cluster.source, table);
      List<String> found = rows(cluster.target, table);
      assertThat(less(wanted, found)).as("missing in %s", table).isEmpty();
      assertThat(less(found, wanted)).as("too many in %s", table).isEmpty();
    }
  }

  private static List<String> less(List<String> all, List<String> those) {
    List<String> left = new ArrayList<>(all);
    those.forEach(left::remove);
    return left;
  }

  /** Writes all kinds of changes, key changes in both directions among them, until closed. */
  private static final class Writer implements AutoCloseable {
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicLong written = new AtomicLong();
    private final Thread thread;

    Writer(StreamingCluster cluster, int range) {
      this.thread =
          Thread.ofPlatform()
              .start(() -> {
                Random random = new Random(7);
                try (MysqlConnection connection = cluster.source.connect()) {
                  while (running.get()) {
                    connection.execute("BEGIN");
                    for (int i = 0; i < 4; i++) {
                      connection.execute(change(random, range));
                    }
                    connection.execute("COMMIT");
                    written.incrementAndGet();
                  }
                }
              });
    }

    private static String change(Random random, int range) {
      int id = random.nextInt(range);
      int other = random.nextInt(range * 2);
      return switch (random.nextInt(10)) {
        case 0 ->
            "REPLACE INTO plain VALUES (" + other + ", 'new', 1, '2024-01-02 03:04:05.6', 1e-7)";
        case 1 -> "UPDATE plain SET name = CONCAT('u', " + other + ") WHERE id = " + id;
        case 2 -> "UPDATE IGNORE plain SET id = " + other + " WHERE id = " + id;
        case 3 -> "DELETE FROM plain WHERE id = " + id;
        case 4 ->
            "UPDATE IGNORE texts SET code = 'KEY " + other + "' WHERE code = 'key " + id + "'";
        case 5 -> "UPDATE texts SET n = n + 1, e = 'z' WHERE code = 'key " + id + "'";
        case 6 -> "REPLACE INTO texts VALUES ('\u00e9" + id + "', 1, NULL, 256, 'x')";
        case 7 -> "UPDATE IGNORE pairs SET a = " + other + ", b = 'q' WHERE a = " + id;
        case 8 -> "INSERT INTO keyless VALUES (" + id % 60 + ", REPEAT('D', 800), 1.5)";
        default ->
            random.nextBoolean()
                ? "DELETE FROM keyless WHERE a = " + id % 60 + " LIMIT 1"
                : "UPDATE keyless SET b = 'changed' WHERE a = " + id % 60 + " LIMIT 2";
      };
    }

    void awaitWritten(long more) {
      long goal = written.get() + more;
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> written.get() >= goal);
    }

    @Override
    public void close() {
      running.set(false);
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !thread.isAlive());
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void copiesAndFollowsTablesThatAreWrittenTo(S servers) throws Exception {
    try (StreamingCluster cluster = cluster(servers)) {
      fill(cluster, 3000);
      int id;
      try (Writer writer = new Writer(cluster, 3000)) {
        id = cluster.stream(everything(cluster));
        cluster.awaitState(id, "Running");
        writer.awaitWritten(100);
      }
      cluster.awaitCaughtUp(id);
      assertEqual(cluster);
      assertThat(Long.parseLong(cluster.column(id, "rows_copied"))).isPositive();
      assertThat(cluster.column(id, "message")).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("servers")
  void goesOnWhereARestartCutItOff(S servers) throws Exception {
    try (StreamingCluster cluster = cluster(servers)) {
      fill(cluster, 6000);
      int id;
      try (Writer writer = new Writer(cluster, 6000)) {
        id = cluster.stream(everything(cluster));
        for (int i = 0; i < 6 && !cluster.column(id, "state").equals("Running"); i++) {
          writer.awaitWritten(15);
          cluster.restartTarget();
        }
        cluster.awaitState(id, "Running");
        writer.awaitWritten(30);
        cluster.restartTarget();
        writer.awaitWritten(30);
      }
      cluster.awaitCaughtUp(id);
      assertEqual(cluster);
    }
  }
}

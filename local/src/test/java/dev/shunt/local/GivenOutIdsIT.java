package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.client.CommandResult;
import dev.shunt.embedded.Engine;
import dev.shunt.embedded.MySqlServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.WorkflowKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An id that a table has given out is not given out again where its traffic goes. */
class GivenOutIdsIT {
  private static final WorkflowKey MOVE = new WorkflowKey("archive", "ids");
  private static final WorkflowKey BACK = new WorkflowKey("shop", "ids_reverse");
  private static final String SOURCE = "shop/0";
  private static final String TARGET = "archive/0";
  private static final Layout LAYOUT =
      new Layout(
          "zone1",
          List.of(new Layout.Place(100, "shop", "0"), new Layout.Place(200, "archive", "0")));

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void areNotGivenOutAgainThereAndBack(Engine engine) {
    if (engine == Engine.MYSQL) {
      Assumptions.assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    }
    try (Bench bench =
        new Bench(new ClusterOptions(directory, engine, LAYOUT, Map.of(), null, null, List.of()))) {
      bench.sql(SOURCE, "CREATE TABLE ai (id BIGINT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20))");
      bench.sql(SOURCE, "CREATE TABLE plain (id BIGINT PRIMARY KEY, v VARCHAR(20))");
      bench.sql(SOURCE, "INSERT INTO ai VALUES (1, 'a'), (2, 'b'), (999, 'gone before')");
      bench.sql(SOURCE, "DELETE FROM ai WHERE id = 999");
      // What MySQL remembers of a table's statistics for a day must not be what counts.
      bench.sql(SOURCE, "SELECT auto_increment FROM information_schema.tables");
      bench.succeed(Asking.create(MOVE, "shop", "ai", "plain"));
      bench.awaitRunning(MOVE);
      bench.sql(SOURCE, "INSERT INTO ai VALUES (5000, 'gone while it runs')");
      bench.sql(SOURCE, "DELETE FROM ai WHERE id = 5000");
      bench.sql(TARGET, "SELECT auto_increment FROM information_schema.tables");

      bench.succeed(Asking.switchTraffic(MOVE, Direction.FORWARD));
      bench.sql(TARGET, "INSERT INTO ai (v) VALUES ('on the target')");
      assertThat(idOf(bench, TARGET, "on the target")).isEqualTo(5001);

      bench.awaitRunning(BACK);
      bench.sql(TARGET, "INSERT INTO ai VALUES (7000, 'gone on the target')");
      bench.sql(TARGET, "DELETE FROM ai WHERE id = 7000");
      bench.succeed(Asking.switchTraffic(MOVE, Direction.BACKWARD));
      bench.sql(SOURCE, "INSERT INTO ai (v) VALUES ('on the source')");
      assertThat(idOf(bench, SOURCE, "on the source")).isEqualTo(7001);
    }
  }

  /**
   * Before the pause counters are raised while streams write: MariaDB then locks the tables that
   * refer to a table in another layer than the table itself, and sees no deadlock between the two.
   */
  @ParameterizedTest
  @EnumSource(Engine.class)
  void whoUsesATableOfTheTargetHoldsUpNeitherTheSwitchNorWritesForLong(Engine engine)
      throws Exception {
    if (engine == Engine.MYSQL) {
      Assumptions.assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    }
    try (Bench bench =
            new Bench(
                new ClusterOptions(directory, engine, LAYOUT, Map.of(), null, null, List.of()));
        ExecutorService aside = Executors.newVirtualThreadPerTaskExecutor()) {
      bench.sql(SOURCE, "CREATE TABLE ai (id BIGINT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20))");
      bench.sql(
          SOURCE,
          "CREATE TABLE child (id BIGINT PRIMARY KEY, ai BIGINT,"
              + " FOREIGN KEY (ai) REFERENCES ai (id))");
      bench.sql(SOURCE, "INSERT INTO ai VALUES (1, 'a'), (5000, 'gone before')");
      bench.sql(SOURCE, "DELETE FROM ai WHERE id = 5000");
      bench.succeed(Asking.create(MOVE, "shop", "ai", "child"));
      bench.awaitRunning(MOVE);

      try (MysqlConnection user = bench.open(TARGET)) {
        user.execute("BEGIN");
        user.execute("INSERT INTO child VALUES (1, 1)");
        CommandResult refused =
            bench.client().execute(Asking.switchTraffic(MOVE, Direction.FORWARD), Bench.PATIENCE);
        assertThat(refused)
            .isInstanceOfSatisfying(
                CommandResult.Failed.class,
                failed -> {
                  assertThat(failed.code()).isEqualTo("ABORTED");
                  assertThat(failed.message())
                      .contains("table ai on archive/0")
                      .contains("raised to 5001");
                });

        var switched =
            aside.submit(() -> bench.succeed(Asking.switchTraffic(MOVE, Direction.FORWARD)));
        awaitAlter(bench, true);
        awaitAlter(bench, false);
        user.execute("ROLLBACK");
        switched.get(Bench.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      bench.sql(TARGET, "INSERT INTO ai (v) VALUES ('on the target')");
      assertThat(idOf(bench, TARGET, "on the target")).isEqualTo(5001);
    }
  }

  private static void awaitAlter(Bench bench, boolean there) throws InterruptedException {
    long start = System.nanoTime();
    while (bench
            .sql(
                TARGET,
                "SELECT id FROM information_schema.processlist WHERE info LIKE 'alter table%'")
            .rows()
            .isEmpty()
        == there) {
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
      Thread.sleep(20);
    }
  }

  private static long idOf(Bench bench, String place, String value) {
    return bench.sql(place, "SELECT id FROM ai WHERE v = '" + value + "'").only().number(0);
  }
}

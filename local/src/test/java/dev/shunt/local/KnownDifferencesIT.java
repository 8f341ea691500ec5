package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.Engine;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.WorkflowKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What diffs found, on either way, is said where traffic moves and where tables go. */
class KnownDifferencesIT {
  private static final WorkflowKey MOVE = new WorkflowKey("archive", "m");
  private static final WorkflowKey BACK = new WorkflowKey("shop", "m_reverse");
  private static final String SOURCE = "shop/0";
  private static final String TARGET = "archive/0";
  private static final Layout LAYOUT =
      new Layout(
          "zone1",
          List.of(new Layout.Place(100, "shop", "0"), new Layout.Place(200, "archive", "0")));

  @TempDir Path directory;

  @Test
  void areToldUntilADiffFindsNothing() {
    try (Bench bench =
        new Bench(
            new ClusterOptions(
                directory, Engine.MARIADB, LAYOUT, Map.of(), null, null, List.of()))) {
      bench.sql(SOURCE, "CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(20))");
      bench.sql(SOURCE, "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
      bench.succeed(Asking.create(MOVE, "shop", "t"));
      bench.awaitRunning(MOVE);
      bench.sql(TARGET, "UPDATE t SET v = 'wrong' WHERE id = 1");
      bench.sql(TARGET, "DELETE FROM t WHERE id = 2");
      assertThat(bench.succeed(Asking.diff(MOVE)).summary()).endsWith("they differ");

      String found = "source and target differ: t (1 row differs, 1 only in shop), found by diff ";
      assertThat(
              bench
                  .succeed(
                      Asking.switchTraffic(Asking.dryRun(MOVE), Direction.FORWARD, 30_000, 30_000))
                  .lines()
                  .getFirst())
          .startsWith("Beware: " + found)
          .contains("when shop took the writes");
      assertThat(bench.succeed(Asking.switchTraffic(MOVE, Direction.FORWARD)).summary())
          .startsWith("SwitchTraffic was successful for workflow archive.m. Beware: " + found);

      bench.awaitRunning(BACK);
      assertThat(bench.succeed(Asking.diff(BACK)).summary()).endsWith("they differ");
      assertThat(dryCompletion(bench).getFirst())
          .startsWith("Beware: " + found)
          .contains("when archive took the writes")
          .endsWith("the tables that are dropped from shop may hold the only right rows");

      bench.sql(TARGET, "UPDATE t SET v = 'a' WHERE id = 1");
      bench.sql(SOURCE, "DELETE FROM t WHERE id = 2");
      assertThat(bench.succeed(Asking.diff(BACK)).summary()).endsWith("no differences");
      assertThat(dryCompletion(bench).getFirst()).startsWith("Lock keyspace");
      assertThat(bench.succeed(Asking.complete(MOVE)).summary())
          .isEqualTo("Successfully completed the m workflow in the archive keyspace");
    }
  }

  private static List<String> dryCompletion(Bench bench) {
    return bench.succeed(new MoveTablesComplete(Asking.dryRun(MOVE), false, false, false)).lines();
  }
}

package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.MySqlServer;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.WorkflowKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  private static long idOf(Bench bench, String place, String value) {
    return bench.sql(place, "SELECT id FROM ai WHERE v = '" + value + "'").only().number(0);
  }
}

package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.Engine;
import dev.shunt.embedded.MySqlServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Row;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.WorkflowKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tablets beside databases that are started here reach them through unix sockets where they can.
 */
class TabletSocketIT {
  private static final WorkflowKey MOVE = new WorkflowKey("archive", "m");
  private static final String SOURCE = "shop/0";
  private static final String TARGET = "archive/0";
  private static final Layout LAYOUT =
      new Layout(
          "zone1",
          List.of(new Layout.Place(100, "shop", "0"), new Layout.Place(200, "archive", "0")));

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void goThroughTheSocket(Engine engine) {
    if (engine == Engine.MYSQL) {
      Assumptions.assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    }
    assertThat(moveFrom(engine, directory)).containsOnly("localhost");
  }

  @Test
  void goOverTcpWhereThePathOfTheSocketIsTooLong() {
    Path deep = directory.resolve("a-rather-long-name-of-a-directory/".repeat(4));
    assertThat(moveFrom(Engine.MARIADB, deep)).containsOnly("127.0.0.1");
  }

  /** Moves a table; where the tablets' connections come from in the eyes of both servers. */
  private static List<String> moveFrom(Engine engine, Path folder) {
    try (Bench bench =
        new Bench(new ClusterOptions(folder, engine, LAYOUT, Map.of(), null, null, List.of()))) {
      bench.sql(SOURCE, "CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(20))");
      bench.sql(SOURCE, "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
      bench.succeed(Asking.create(MOVE, "shop", "t"));
      bench.awaitRunning(MOVE);
      bench.sql(SOURCE, "INSERT INTO t VALUES (3, 'c')");
      assertThat(bench.succeed(Asking.diff(MOVE)).summary()).endsWith("no differences");
      List<String> hosts = Stream.of(SOURCE, TARGET).flatMap(of -> hosts(bench, of)).toList();
      bench.succeed(Asking.switchTraffic(MOVE, Direction.FORWARD));
      assertThat(bench.cluster().endpoints().mysql().values())
          .as("what is shown serves clients of every kind")
          .allMatch(address -> address.startsWith("mysql://shunt@127.0.0.1:"));
      return hosts;
    }
  }

  private static Stream<String> hosts(Bench bench, String place) {
    MysqlEndpoint overTcp =
        Objects.requireNonNull(bench.cluster().databases().get(place)).withSocket(null);
    try (MysqlConnection connection = MysqlConnection.open(overTcp)) {
      List<Row> others =
          connection
              .execute(
                  "SELECT SUBSTRING_INDEX(host, ':', 1) FROM information_schema.processlist"
                      + " WHERE user = 'shunt' AND id <> CONNECTION_ID()")
              .rows();
      assertThat(others).isNotEmpty();
      return others.stream().map(row -> row.text(0));
    }
  }
}

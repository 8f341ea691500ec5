package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.Engine;
import dev.shunt.embedded.MySqlServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.RowCursor;
import dev.shunt.router.RouterConfig;
import dev.shunt.router.TrafficRouter;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Sakila sample moves to another unsharded keyspace and back while it is written to. */
class SakilaIT {
  private static final WorkflowKey MOVE = new WorkflowKey("archive", "sakila");
  private static final WorkflowKey BACK = new WorkflowKey("sakila", "sakila_reverse");
  private static final String SOURCE = "sakila/0";
  private static final String TARGET = "archive/0";
  private static final Layout LAYOUT =
      new Layout(
          "zone1",
          List.of(new Layout.Place(100, "sakila", "0"), new Layout.Place(200, "archive", "0")));

  @TempDir Path directory;

  /** The sample is MySQL's; with -Pfull it moves on MariaDB as well. */
  static List<Engine> engines() {
    return Boolean.getBoolean("test.full") ? List.of(Engine.values()) : List.of(Engine.MYSQL);
  }

  @ParameterizedTest
  @MethodSource("engines")
  void movesToAnUnshardedKeyspaceAndBack(Engine engine) throws Exception {
    Path data = sample();
    if (engine == Engine.MYSQL) {
      Assumptions.assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    }
    ClusterOptions options = ClusterOptions.in(directory).withEngine(engine).withLayout(LAYOUT);
    try (Bench bench = new Bench(options);
        TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        TrafficRouter router =
            new TrafficRouter(bench.cluster().topo(), tablets, RouterConfig.of(LAYOUT.cell()))) {
      load(bench, data);
      Set<String> tables = names(bench, SOURCE, "BASE TABLE");
      assertThat(tables).hasSize(16);
      assertThat(names(bench, SOURCE, "VIEW")).hasSize(7);
      assertThat(router.awaitKeyspace("sakila", Bench.PATIENCE)).isTrue();
      move(bench, router, tables);
    }
  }

  private static boolean logsCascades(Bench bench) {
    return bench
        .sql(SOURCE, "show global variables like 'innodb_native_foreign_keys'")
        .rows()
        .stream()
        .anyMatch(row -> "OFF".equals(row.text(1)));
  }

  private void move(Bench bench, TrafficRouter router, Set<String> tables) throws Exception {
    SakilaLoad load = new SakilaLoad(router);
    load.start("a");
    String answer = bench.succeed(Asking.create(MOVE, "sakila")).summary();
    assertThat(answer.contains("fk_payment_rental of payment (ON DELETE SET NULL of rental)"))
        .as("warned of the foreign key that acts: %s", answer)
        .isEqualTo(!logsCascades(bench));
    bench.awaitRunning(MOVE);
    compare(bench, MOVE, tables);
    bench.succeed(Asking.switchTraffic(MOVE, Direction.FORWARD));
    bench.awaitRunning(BACK);
    compare(bench, BACK, tables);
    quiet(load);
    requireEqual(bench, tables);
    assertThat(names(bench, TARGET, "BASE TABLE")).isEqualTo(tables);
    assertThat(names(bench, TARGET, "VIEW")).isEmpty();
    assertThat(foreignKeys(bench, TARGET)).hasSize(22).isEqualTo(foreignKeys(bench, SOURCE));
    assertThat(bench.sql(TARGET, "show triggers").rows()).isEmpty();

    load.start("b");
    bench.succeed(Asking.switchTraffic(MOVE, Direction.BACKWARD));
    bench.awaitRunning(MOVE);
    quiet(load);
    requireEqual(bench, tables);
    bench.succeed(Asking.cancel(MOVE));

    assertThat(names(bench, TARGET, "BASE TABLE")).isEmpty();
    assertThat(names(bench, SOURCE, "BASE TABLE")).isEqualTo(tables);
    assertThat(names(bench, SOURCE, "VIEW")).hasSize(7);
    assertThat(bench.sql(SOURCE, "show triggers").rows()).hasSize(6);
    assertThat(texts(bench, SOURCE, "select last_name from actor where first_name = 'WRITTEN'", 0))
        .containsExactlyInAnyOrderElementsOf(load.actors());
  }

  /** Where the sample is: {@code shared/data/sakila} beside the project. */
  private static Path sample() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null) {
      Path sample = folder.resolve("shared/data/sakila");
      if (Files.isRegularFile(sample.resolve("sakila-schema.sql"))) {
        return sample;
      }
      folder = folder.getParent();
    }
    String missing = "the Sakila sample is not there: put it at ../shared/data/sakila";
    if ("true".equals(System.getenv("CI"))) {
      fail(missing);
    }
    Assumptions.abort(missing);
    throw new IllegalStateException(missing);
  }

  private static void load(Bench bench, Path data) throws IOException {
    try (MysqlConnection database = bench.open(SOURCE);
        BufferedReader schema = Files.newBufferedReader(data.resolve("sakila-schema.sql"));
        BufferedReader rows =
            new BufferedReader(
                new InputStreamReader(
                    new GZIPInputStream(Files.newInputStream(data.resolve("sakila-data.sql.gz"))),
                    StandardCharsets.UTF_8))) {
      database.execute("set names utf8mb4");
      SqlScript.run(schema, database);
      SqlScript.run(rows, database);
      database.execute("commit");
    }
  }

  private static Set<String> names(Bench bench, String place, String type) {
    return new TreeSet<>(
        texts(bench, place, "show full tables where table_type = '" + type + "'", 0));
  }

  private static List<String> foreignKeys(Bench bench, String place) {
    return texts(
        bench,
        place,
        "select concat_ws(' ', table_name, constraint_name, column_name, referenced_table_name,"
            + " referenced_column_name, update_rule, delete_rule) from"
            + " information_schema.key_column_usage join"
            + " information_schema.referential_constraints using (constraint_schema,"
            + " constraint_name, table_name, referenced_table_name) where constraint_schema ="
            + " database() order by 1",
        0);
  }

  private static List<String> texts(Bench bench, String place, String sql, int column) {
    return bench.sql(place, sql).rows().stream().map(row -> row.text(column)).toList();
  }

  /** Ends the load, none of whose writes may have failed, once some more were made. */
  private static void quiet(SakilaLoad load) throws InterruptedException {
    Set<String> before = load.actors();
    await()
        .atMost(Bench.PATIENCE)
        .until(() -> !load.errors().isEmpty() || load.actors().size() > before.size() + 20);
    load.stop();
    assertThat(load.errors()).isEmpty();
  }

  private static void compare(Bench bench, WorkflowKey key, Set<String> tables) {
    bench.succeed(Asking.diff(key));
    assertThat(
            bench
                .workflows()
                .await(key, status -> status.isPresent() && diffed(status.get()), Bench.PATIENCE))
        .isTrue();
    DiffStatus diff = bench.workflows().get(key).orElseThrow().diffs().getLast();
    assertThat(diff.tables()).hasSize(tables.size());
    assertThat(diff.tables()).allSatisfy(table -> assertThat(differing(table)).isZero());
    assertThat(diff.tables().stream().mapToLong(TableDiff::processedRows).sum())
        .isGreaterThan(40_000);
  }

  private static boolean diffed(WorkflowStatus status) {
    return !status.diffs().isEmpty() && status.inFlightDiffs().isEmpty();
  }

  private static long differing(TableDiff table) {
    return table.mismatchedRows() + table.extraRowsSource() + table.extraRowsTarget();
  }

  /** Each table has the same rows on both sides, byte for byte, once the streams have caught up. */
  private static void requireEqual(Bench bench, Set<String> tables) {
    for (String table : tables) {
      await()
          .atMost(Bench.PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> assertThat(difference(bench, table)).isEmpty());
    }
  }

  private static String difference(Bench bench, String table) {
    String key =
        texts(bench, SOURCE, "show keys from " + table + " where key_name = 'PRIMARY'", 4).stream()
            .collect(Collectors.joining(", "));
    String sql = "select * from " + table + " order by " + key;
    try (MysqlConnection source = bench.open(SOURCE).unconvertedResults();
        MysqlConnection target = bench.open(TARGET).unconvertedResults();
        RowCursor left = source.stream(sql);
        RowCursor right = target.stream(sql)) {
      while (true) {
        Row expected = left.next() ? left.row() : null;
        Row actual = right.next() ? right.row() : null;
        if (expected == null && actual == null) {
          return "";
        }
        if (expected == null
            || actual == null
            || !Arrays.deepEquals(expected.values(), actual.values())) {
          return "%s differs: %s, %s".formatted(table, shown(expected), shown(actual));
        }
      }
    }
  }

  private static String shown(@Nullable Row row) {
    if (row == null) {
      return "no row";
    }
    List<String> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(String.valueOf(row.textOrNull(i)));
    }
    return values.toString();
  }
}

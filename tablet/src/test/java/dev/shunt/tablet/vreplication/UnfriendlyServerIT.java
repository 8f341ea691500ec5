package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static dev.shunt.tablet.vreplication.StreamingCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tablet.vstreamer.TestDatabase;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that keeps names in lower case, and whose globals were set with somebody else in mind.
 */
class UnfriendlyServerIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private static List<String> globals(DatabaseKind kind) {
    List<String> globals =
        new ArrayList<>(
            List.of(
                "autocommit = 0",
                "completion_type = 'CHAIN'",
                "sql_select_limit = 1",
                "sql_safe_updates = 1",
                "sql_auto_is_null = 1",
                "max_join_size = 1",
                "unique_checks = 0",
                "foreign_key_checks = 0",
                "sql_quote_show_create = 0",
                "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'"));
    if (kind.engine() == Engine.MARIADB) {
      globals.addAll(
          List.of(
              "max_statement_time = 0.001",
              "idle_transaction_timeout = 1",
              "idle_readonly_transaction_timeout = 1",
              "gtid_strict_mode = 0"));
    } else {
      globals.addAll(
          List.of(
              "max_execution_time = 1", "show_gipk_in_create_table_and_information_schema = 0"));
    }
    return globals;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void copiesAndFollowsAllTheSame(DatabaseKind kind) {
    try (DatabaseServer server =
        kind.start(
            DatabaseSettings.in(directory.resolve("server"))
                .withServerId(7)
                .withLowerCaseNames())) {
      MysqlEndpoint endpoint =
          new MysqlEndpoint(
              server.host(), server.port(), server.user(), Password.of(server.password()), null);
      TestDatabase target = TestDatabase.on(endpoint);
      target.run("CREATE DATABASE Shop");
      TestDatabase source = TestDatabase.existing(endpoint.withDatabase("Shop"));
      source.run("CREATE TABLE T1 (Id INT PRIMARY KEY, V VARCHAR(20))");
      target.run("CREATE TABLE T1 (iD INT PRIMARY KEY, v VARCHAR(20))");
      source.run("INSERT INTO T1 VALUES (1,'a'),(2,'b'),(3,'c')");
      globals(kind).forEach(global -> target.run("SET GLOBAL " + global));
      try (StreamingCluster cluster =
          new StreamingCluster(directory.resolve("topo"), source, target)) {
        int id = cluster.stream(cluster.binlogSource(rule("t1", "select * from t1")));
        cluster.awaitState(id, "Running");
        source.run(
            "INSERT INTO Shop.T1 VALUES (4,'d')",
            "UPDATE SHOP.t1 SET v = 'B' WHERE id = 2",
            "DELETE FROM t1 WHERE id = 1");

        cluster.awaitCaughtUp(id);

        assertThat(rows(target, "t1"))
            .containsExactly("'2','B',", "'3','c',", "'4','d',")
            .isEqualTo(rows(source, "t1"));
        if (kind.engine() == Engine.MARIADB) {
          target.run("SET GLOBAL max_statement_time = 0");
        }
        applicationWrites(cluster);
        assertThat(rows(target, "t1")).contains("'9','app',");
      }
    }
  }

  /** What a tablet says is done is committed. */
  private static void applicationWrites(StreamingCluster cluster) {
    var unused =
        cluster
            .targetClient()
            .execute(
                Query.ExecuteRequest.newBuilder()
                    .setTarget(
                        Query.Target.newBuilder()
                            .setKeyspace("customer")
                            .setShard("0")
                            .setTabletType(Topodata.TabletType.PRIMARY))
                    .setQuery(
                        Query.BoundQuery.newBuilder().setSql("insert into t1 values (9, 'app')"))
                    .build());
  }
}

package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.embedded.MySqlServer;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Row;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.tablet.preflight.Preflight;
import dev.shunt.tablet.preflight.Role;
import dev.shunt.tablet.preflight.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Accounts that have the rights that {@code shunt check} prints for their side, and no others, are
 * enough for the whole life of a move.
 */
class PrintedRightsIT {
  private static final WorkflowKey MOVE = new WorkflowKey("archive", "m");
  private static final WorkflowKey BACK = new WorkflowKey("shop", "m_reverse");
  private static final Layout LAYOUT =
      new Layout(
          "zone1",
          List.of(new Layout.Place(100, "shop", "0"), new Layout.Place(200, "archive", "0")));

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void areEnoughToCreateCopyDiffSwitchReverseAndComplete(Engine engine) {
    if (engine == Engine.MYSQL) {
      Assumptions.assumeTrue(MySqlServer.isAvailableOrRequired(), MySqlServer.HINT);
    }
    try (DatabaseServer source = engine.start(settings("source", 100));
        DatabaseServer target = engine.start(settings("target", 200));
        MysqlConnection shop = root(source);
        MysqlConnection archive = root(target)) {
      for (String sql :
          List.of(
              "CREATE DATABASE shop",
              "CREATE TABLE shop.parent (id BIGINT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20), KEY v"
                  + " (v))",
              "CREATE TABLE shop.child (id BIGINT PRIMARY KEY, parent BIGINT, FOREIGN KEY (parent)"
                  + " REFERENCES shop.parent (id))",
              "CREATE VIEW shop.seen AS SELECT * FROM shop.parent",
              "INSERT INTO shop.parent VALUES (1, 'a'), (2, 'b')",
              "INSERT INTO shop.child VALUES (10, 1)")) {
        shop.execute(sql);
      }
      archive.execute("CREATE DATABASE archive");
      MysqlEndpoint few = account(source, shop, "%", "shop", Role.SOURCE);
      MysqlEndpoint fewThere = account(target, archive, "localhost", "archive", Role.TARGET);

      try (Bench bench =
          new Bench(
              new ClusterOptions(
                  directory.resolve("cluster"),
                  engine,
                  LAYOUT,
                  Map.of("shop/0", few, "archive/0", fewThere),
                  null,
                  null,
                  List.of()))) {
        bench.succeed(Asking.create(MOVE, "shop", "parent", "child"));
        bench.awaitRunning(MOVE);
        shop.execute("INSERT INTO shop.parent VALUES (3, 'c')");
        shop.execute("DELETE FROM shop.parent WHERE id = 2");
        assertThat(bench.succeed(Asking.diff(MOVE)).summary()).endsWith("no differences");

        bench.succeed(Asking.switchTraffic(MOVE, Direction.FORWARD));
        bench.awaitRunning(BACK);
        archive.execute("INSERT INTO archive.child VALUES (11, 3)");
        archive.execute("UPDATE archive.parent SET v = 'there' WHERE id = 1");
        assertThat(bench.succeed(Asking.diff(BACK)).summary()).endsWith("no differences");

        bench.succeed(Asking.switchTraffic(MOVE, Direction.BACKWARD));
        bench.awaitRunning(MOVE);
        assertThat(rows(shop, "shop")).containsExactly("1 there 10", "3 c 11");
        shop.execute("INSERT INTO shop.parent VALUES (4, 'back')");

        bench.succeed(Asking.switchTraffic(MOVE, Direction.FORWARD));
        bench.succeed(Asking.complete(MOVE));
        assertThat(rows(archive, "archive")).containsExactly("1 there 10", "3 c 11", "4 back null");
        assertThat(shop.execute("SHOW FULL TABLES IN shop WHERE table_type = 'BASE TABLE'").rows())
            .isEmpty();
      }
    }
  }

  private DatabaseSettings settings(String name, int id) {
    return DatabaseSettings.in(directory.resolve(name)).withServerId(id).withBufferPool(128);
  }

  private static MysqlConnection root(DatabaseServer server) {
    return MysqlConnection.open(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null));
  }

  /** Makes an account and gives it what is printed for it; one of localhost uses the socket. */
  private static MysqlEndpoint account(
      DatabaseServer server, MysqlConnection root, String host, String database, Role role) {
    String account = "'few'@'" + host + "'";
    root.execute("CREATE USER " + account + " IDENTIFIED BY 'secret'");
    // Without it there is no way to log in with this database, and so no one to print anything for.
    root.execute("GRANT SELECT ON " + database + ".* TO " + account);
    MysqlEndpoint few =
        new MysqlEndpoint(server.host(), server.port(), "few", Password.of("secret"), database)
            .withSocket(
                host.equals("localhost") ? server.clientSocket().orElseThrow().toString() : null);
    List<String> printed = printed(few, role);
    assertThat(printed).isNotEmpty();
    printed.forEach(root::execute);
    assertThat(printed(few, role)).as("what was printed is all").isEmpty();
    return few;
  }

  private static List<String> printed(MysqlEndpoint account, Role role) {
    String database = Objects.requireNonNull(account.database());
    try (MysqlConnection connection = MysqlConnection.open(account)) {
      return Preflight.findings(connection, role, Scope.all(database, "_vt")).stream()
          .flatMap(finding -> finding.remedy().stream())
          .filter(sql -> sql.startsWith("GRANT "))
          .toList();
    }
  }

  private static List<String> rows(MysqlConnection connection, String database) {
    List<String> rows = new ArrayList<>();
    for (Row row :
        connection
            .execute(
                ("SELECT p.id, p.v, c.id FROM %s.parent p LEFT JOIN %s.child c ON c.parent = p.id"
                        + " ORDER BY p.id")
                    .formatted(database, database))
            .rows()) {
      rows.add(row.text(0) + " " + row.text(1) + " " + row.textOrNull(2));
    }
    return rows;
  }
}

package dev.shunt.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.shunt.cli.Shunt;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the README tells an engineer with two servers: the move, and what is mistyped. */
class TwoServersIT {
  private static final String PASSWORD = "ge#heim";
  private static final String ENCODED = "ge%23heim";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir static Path directory;
  private static DatabaseServer old;
  private static DatabaseServer next;

  private record Run(int exitCode, String out, String err) {}

  @BeforeAll
  static void start() {
    old = server("old", 11);
    next = server("next", 12);
  }

  private static DatabaseServer server(String name, int id) {
    return DatabaseKind.MARIADB_11_4.start(
        DatabaseSettings.in(directory.resolve(name)).withServerId(id).withUser("mover", PASSWORD));
  }

  @AfterAll
  static void stop() {
    old.close();
    next.close();
  }

  private static MysqlConnection connect(DatabaseServer server) {
    return MysqlConnection.open(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null));
  }

  private static String number(DatabaseServer server, String query) {
    try (MysqlConnection connection = connect(server)) {
      return connection.execute(query).only().text(0);
    }
  }

  private static Run run(JsonNode endpoints, String words) {
    List<String> arguments = new ArrayList<>(List.of(words.split(" ")));
    arguments.add("--server=" + endpoints.path("vtctld").asText());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        Shunt.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = line.execute(arguments.toArray(String[]::new));
    return new Run(exitCode, out.toString(), err.toString());
  }

  @Test
  void movesTablesBetweenKeyspacesOfAnyName() throws Exception {
    try (MysqlConnection connection = connect(old)) {
      connection.execute("CREATE DATABASE webshop");
      connection.use("webshop");
      connection.execute("CREATE TABLE buyer (id INT PRIMARY KEY, name VARCHAR(20))");
      connection.execute(
          "CREATE TABLE sale (id INT PRIMARY KEY, buyer INT NOT NULL, CONSTRAINT of_buyer FOREIGN KEY"
              + " (buyer) REFERENCES buyer (id) ON DELETE CASCADE)");
      connection.execute("INSERT INTO buyer VALUES (1, 'ann'), (2, 'bob')");
      connection.execute("INSERT INTO sale VALUES (10, 1), (11, 1), (12, 2)");
    }
    try (MysqlConnection connection = connect(next)) {
      connection.execute("CREATE DATABASE bought");
    }
    String first = "legacy/0=mysql://mover:%s@127.0.0.1:%d/webshop".formatted(ENCODED, old.port());
    String second =
        "modern-1/-=jdbc:mysql://127.0.0.1:%d/bought?user=mover&password=%s"
            .formatted(next.port(), ENCODED);
    String data = directory.resolve("data").toString();

    JsonNode tablets;
    try (UpProcess up =
        new UpProcess(
            directory, List.of("--data-dir", data, "--mysql", second, "--mysql", first))) {
      JsonNode endpoints = up.endpoints();
      tablets = endpoints.path("mysql");
      assertThat(tablets.properties())
          .extracting(entry -> entry.getKey() + " " + entry.getValue().asText())
          .containsExactly(
              "zone1-0000000100 mysql://mover@127.0.0.1:" + old.port() + "/webshop",
              "zone1-0000000200 mysql://mover@127.0.0.1:" + next.port() + "/bought");
      assertThat(run(endpoints, "getkeyspaces").out())
          .contains("legacy", "modern-1")
          .doesNotContain("commerce", "customer");

      move(endpoints);

      assertThat(up.said()).doesNotContain(PASSWORD, ENCODED);
    }

    try (UpProcess up =
        new UpProcess(
            directory,
            List.of("--data-dir", data, "--mysql", first, "--mysql", second, "--shard", "a/0"))) {
      JsonNode after = up.endpoints().path("mysql");
      assertThat(after.path("zone1-0000000100")).isEqualTo(tablets.path("zone1-0000000100"));
      assertThat(after.path("zone1-0000000200")).isEqualTo(tablets.path("zone1-0000000200"));
      assertThat(after.path("zone1-0000000300").asText()).endsWith("/vt_a");
    }
  }

  private static void move(JsonNode endpoints) {
    String verb = "movetables --workflow go --target-keyspace modern-1 ";

    Run created = run(endpoints, verb + "create --source-keyspace legacy --all-tables");

    assertThat(created.exitCode()).as("%s", created).isZero();
    assertThat(created.err())
        .as("the outcome's warning")
        .contains("of_buyer of sale (ON DELETE CASCADE of buyer)")
        .contains("compare with a vdiff before traffic is switched");
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(run(endpoints, verb + "switchtraffic"))
                .extracting(Run::exitCode)
                .isEqualTo(0));
    assertThat(number(next, "SELECT GROUP_CONCAT(id ORDER BY id) FROM bought.sale"))
        .isEqualTo("10,11,12");
    Run completed = run(endpoints, verb + "complete");
    assertThat(completed.exitCode()).as("%s", completed).isZero();
    assertThat(
            number(
                old,
                "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'webshop'"))
        .isEqualTo("0");
  }

  @Test
  void refusesADatabaseThatIsNotThere() throws Exception {
    Path data = directory.resolve("unused");
    try (UpProcess up =
        new UpProcess(
            directory,
            List.of(
                "--data-dir",
                data.toString(),
                "--mysql",
                "legacy/0=mysql://mover:%s@127.0.0.1:%d/webshpo".formatted(ENCODED, old.port())))) {
      assertThat(up.await()).isEqualTo(1);
      assertThat(up.errors())
          .contains("Error: legacy/0: server 127.0.0.1:" + old.port() + " has no database webshpo")
          .doesNotContain(PASSWORD, ENCODED, "\tat ");
    }
    assertThat(
            number(
                old,
                "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name IN ('webshpo',"
                    + " '_vt')"))
        .isIn("0", "1") // _vt is there when the other test came first
        .isEqualTo(
            number(
                old, "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '_vt'"));
    assertThat(Files.exists(data.resolve("topo"))).isFalse();
  }

  @Test
  void refusesAnAccountWithoutRepeatingItsPassword() throws Exception {
    try (UpProcess up =
        new UpProcess(
            directory,
            List.of(
                "--mysql",
                "legacy/0=mysql://mover:falsch@127.0.0.1:%d/webshop".formatted(old.port())))) {
      assertThat(up.await()).isEqualTo(1);
      assertThat(up.errors())
          .contains("legacy/0", "127.0.0.1:" + old.port(), "Access denied")
          .doesNotContain("falsch");
    }
  }
}

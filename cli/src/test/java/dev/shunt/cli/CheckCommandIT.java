package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code shunt check} on a real server: what it prints can be pasted, and then it is content. */
class CheckCommandIT {
  @TempDir Path directory;

  private record Run(int exitCode, String out, String err) {}

  private static Run run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Shunt.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int exitCode = line.execute(words);
    return new Run(exitCode, out.toString(), err.toString());
  }

  @Test
  void printsWhatMendsTheServer() {
    try (DatabaseServer server =
        DatabaseKind.MARIADB_11_4.start(DatabaseSettings.in(directory.resolve("server")))) {
      MysqlEndpoint endpoint =
          new MysqlEndpoint(
              server.host(), server.port(), server.user(), Password.of(server.password()), null);
      String url =
          "mysql://%s:%s@%s:%d/shop"
              .formatted(server.user(), server.password(), server.host(), server.port());
      try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
        connection.execute("CREATE DATABASE shop");
        connection.execute("CREATE TABLE shop.mlog (at INT) ENGINE=MyISAM");
        connection.execute("SET GLOBAL binlog_format = 'MIXED'");

        Run first = run("check", "--mysql", url);

        assertThat(first.err()).isEmpty();
        assertThat(first.exitCode()).isEqualTo(1);
        assertThat(first.out())
            .contains("-- REFUSE binlog-format (source)", "-- REFUSE engine (source)")
            .contains("ALTER TABLE `shop`.`mlog` ENGINE = InnoDB;");
        for (String sql : first.out().split("\n", -1)) {
          if (!sql.isBlank() && !sql.startsWith("--")) {
            connection.execute(sql.substring(0, sql.length() - 1));
          }
        }
        Run second = run("check", "--mysql", "jdbc:" + url, "--json");
        assertThat(second.out()).doesNotContain("REFUSE", "durability");
        assertThat(second.exitCode()).isZero();
        assertThat(run("check", "--mysql", url + "x").exitCode()).isEqualTo(1);
        String socket = server.clientSocket().orElseThrow().toString();
        assertThat(run("check", "--mysql", url + "?socket=" + socket).out())
            .contains("-- " + socket + ": 0 refused");
        assertThat(run("check", "--mysql", url + "?socket=" + socket + "x").err())
            .contains("can't connect to the database at " + socket + "x: there is no such socket")
            .doesNotContain(server.password() + "@");
        Run mistyped = run("check", "--mysql", url, "--tables", "mlog,oders,itmes");
        assertThat(mistyped.exitCode()).isEqualTo(1);
        assertThat(mistyped.out()).isEmpty();
        assertThat(mistyped.err())
            .isEqualToIgnoringNewLines(
                "Error: --tables: database shop has no table itmes, oders; for one that is to get"
                    + " them add --role target");
        assertThat(run("check", "--mysql", url, "--tables", "mlog").exitCode()).isZero();
        assertThat(run("check", "--mysql", url, "--tables", "oders", "--role", "target").exitCode())
            .isZero();
        connection.execute("SET GLOBAL binlog_format = 'MIXED'");
        assertThat(run("check", "--mysql", url, "--role", "target").exitCode()).isZero();
        assertThat(run("check", "--mysql", url, "--role", "source", "--json").out())
            .contains("\"id\":", "binlog-format", "\"severity\":");
      }
    }
  }
}

package dev.shunt.tablet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.database.ServerComments;
import dev.shunt.tablet.query.StatementGate;
import dev.shunt.tablet.vstreamer.TestDatabase;
import dev.shunt.tabletclient.TabletClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Comments that a server carries out, or those of another kind or version do. */
@ParameterizedClass
@MethodSource("kinds")
class CommentsIT {
  @Parameter DatabaseKind kind;
  @TempDir Path folder;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private static String answer(MysqlConnection connection, String sql) {
    try {
      return connection.execute(sql).only().text(0);
    } catch (MysqlException e) {
      return "errno " + e.errno();
    }
  }

  @Test
  void areReadAsTheServerReadsThem() {
    try (MysqlConnection connection = TestDatabase.source(kind).connect()) {
      for (String marks : List.of("/*!", "/*M!", "/*m!", "/*! ", "/*")) {
        for (String version :
            List.of(
                "", "0", "5000", "50000", "50699", "50700", "80000", "80036", "090000", "090704",
                "090705", "99999", "100000", "101100", "110405", "110406", "120000", "999999")) {
          for (String text :
              List.of(
                  "SELECT 1 %s + 1 */ + 10",
                  "SELECT 1 %s /* + 1 */ + 2 */ + 10",
                  "SELECT 1 %s ' */ + 10 %<s ' */ + 100",
                  "SELECT '%s + 1 */' + 1",
                  "SELECT 1 %s + 1 */ + 10 */",
                  "SELECT 1 %s + 1",
                  "SELECT 1 %s -- */\n + 1 */ + 10",
                  "SELECT 1%s+1*/+10")) {
            String sql = text.formatted(marks + version);
            String read = ServerComments.asRead(connection, sql);
            assertThat(answer(connection, read)).as(sql).isEqualTo(answer(connection, sql));
            boolean closed = !answer(connection, sql).startsWith("errno");
            if (closed && !sql.contains("'")) {
              assertThat(read).as(sql).doesNotContain("/*!").doesNotContain("/*M!");
            }
          }
        }
      }
    }
  }

  @Test
  void hideNoStatementFromTheTablet() {
    try (TestTablet tablet = new TestTablet(kind, folder)) {
      tablet.run(
          "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
          "CREATE TABLE denied (id INT PRIMARY KEY, v INT)",
          "INSERT INTO t VALUES (1, 1)",
          "INSERT INTO denied VALUES (1, 1)");
      TabletClient client = tablet.client();
      tablet.deny("denied");
      client.refreshState();
      String otherKind = kind.engine() == Engine.MYSQL ? "/*M!" : "/*!80000";
      for (String sql :
          List.of(
              "UPDATE /*! denied */ SET v = 2",
              "UPDATE " + otherKind + " t */ denied SET v = 2",
              otherKind + " SHOW */ UPDATE denied SET v = 2",
              "/*!999999 SELECT */ DELETE FROM denied",
              "/*!50000 DELETE FROM denied */")) {
        assertThatThrownBy(() -> client.execute(sql))
            .as(sql)
            .hasMessageContaining(StatementGate.DISALLOWED);
      }
      var _ = client.execute("UPDATE t " + otherKind + " JOIN denied */ SET t.v = 5");
      var _ =
          client.execute("UPDATE t SET v = v + 1 /*!999999 WHERE id IN (SELECT 1 FROM denied)*/");
      assertThatThrownBy(() -> client.execute("DELETE FROM t /*!999999 WHERE id = 2"))
          .hasMessageContaining("comment without an end");
      assertThat(tablet.value("SELECT GROUP_CONCAT(v) FROM t")).isEqualTo("6");
      assertThat(tablet.value("SELECT GROUP_CONCAT(v) FROM denied")).isEqualTo("1");
    }
  }
}

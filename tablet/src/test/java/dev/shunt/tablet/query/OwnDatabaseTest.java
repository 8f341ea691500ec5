package dev.shunt.tablet.query;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.tablet.RpcException;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.sql.lexer.ExecutableComments;
import dev.shunt.workflow.sql.lexer.ExecutableComments.Server;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which statements name a table of another database. */
class OwnDatabaseTest {
  private final OwnDatabase database = new OwnDatabase("own", "_vt", SqlParser.create());

  private void check(String sql) {
    check(sql, new Server(false, 90_704));
    check(sql, new Server(true, 110_405));
  }

  private void check(String sql, Server server) {
    database.check(AppStatement.of(ExecutableComments.resolve(sql, server)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT /*! STRAIGHT_JOIN */ t.a FROM t",
        "SELECT /*!50000 STRAIGHT_JOIN */ t.a FROM own.t JOIN u ON t.a = u.a",
        "SELECT a FROM t /*!99999 JOIN other.t */",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a = NEW.a + 1",
        "CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW SET NEW.a = OLD.a",
        "UPDATE t SET a = @@session.sql_mode",
        "CALL p(@@GLOBAL.sql_mode)",
      })
  void lets(String sql) {
    assertThatCode(() -> check(sql)).doesNotThrowAnyException();
    assertThatCode(() -> check(sql)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT /*! t.a FROM other.t */",
        "SELECT a FROM t /*! JOIN other.t */",
        "SELECT a FROM t /*!80000 JOIN other.t */",
        "SELECT a FROM t /*M! JOIN other.t */",
        "SELECT a FROM other /*! */ .t",
        "SELECT a FROM x /*!99999 AS x, t */ .t",
        "SELECT /*! STRAIGHT_JOIN */ t.a FROM t /*! JOIN other.t */",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW INSERT INTO other.t VALUES (NEW.a)",
        "CREATE VIEW v AS SELECT a FROM new.t",
      })
  void refuses(String sql) {
    assertThatThrownBy(() -> check(sql))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("names a table of database");
  }
}

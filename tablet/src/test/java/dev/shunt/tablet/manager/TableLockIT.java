package dev.shunt.tablet.manager;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tablet.database.ConnectionPool;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What LockTables holds ends by itself. */
class TableLockIT {
  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void letsWritersGoOnAfterItsTime(DatabaseKind kind) throws InterruptedException {
    DatabaseServer server = kind.startUntilExit(8);
    MysqlEndpoint endpoint =
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null);
    try (MysqlConnection writer = MysqlConnection.open(endpoint);
        ConnectionPool pool =
            new ConnectionPool(
                "test", endpoint, ConnectOptions.DEFAULT, 2, Duration.ofSeconds(5), true);
        TableLock lock = new TableLock("held", pool, Duration.ofSeconds(8))) {
      writer.execute("CREATE DATABASE held");
      writer.execute("CREATE TABLE held.t (id INT PRIMARY KEY)");
      lock.lock();
      writer.execute("SET SESSION lock_wait_timeout = 1");
      assertThatThrownBy(() -> writer.execute("INSERT INTO held.t VALUES (1)"))
          .hasMessageContaining("1205");
      writer.execute("SET SESSION lock_wait_timeout = 20");
      assertThatCode(() -> writer.execute("INSERT INTO held.t VALUES (1)"))
          .doesNotThrowAnyException();
      assertThatThrownBy(lock::unlock).hasMessageContaining("tables not locked");
    }
  }
}

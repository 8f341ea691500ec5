package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.StreamingCluster.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SessionGate;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.vstreamer.TestDatabase;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys that copies left are put back whatever goes wrong at first. */
class LeftKeysIT {
  static Iterable<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** Its sessions go through the gate. */
  private static LeftKeys leftKeys(TestDatabase target, SessionGate gate) {
    TabletIdentity tablet =
        new TabletIdentity(
            Topodata.TabletAlias.getDefaultInstance(), "ks", "0", target.name(), target.name());
    String adding =
        "{\"type\": 1, \"task\": \"ALTER TABLE `%s`.`t` ADD KEY `v` (`v`)\"}"
            .formatted(target.name());
    target.run(
        "CREATE TABLE shunt_left_keys (id BIGINT PRIMARY KEY AUTO_INCREMENT, db_name VARBINARY(255),"
            + " table_name VARBINARY(128), action JSON)",
        "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
        "INSERT INTO shunt_left_keys (db_name, table_name, action) VALUES (DATABASE(), 't', _utf8mb4%s)"
            .formatted(SqlText.literal(adding)));
    return new LeftKeys(tablet, target.endpoint().withGate(gate));
  }

  private static boolean isBack(TestDatabase target) {
    try (MysqlConnection connection = target.connect()) {
      return connection.execute("SHOW CREATE TABLE t").only().text(1).contains("KEY `v`")
          && rows(target, "shunt_left_keys WHERE db_name = DATABASE()").isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void comeBackWithTheNextCallThoughTheThreadDied(DatabaseKind kind) {
    AtomicInteger sessions = new AtomicInteger();
    SessionGate gate =
        fresh -> {
          if (sessions.incrementAndGet() == 1) {
            throw new StackOverflowError("as a thread without room has it");
          }
          return () -> {};
        };
    TestDatabase target = TestDatabase.target(kind);
    LeftKeys keys = leftKeys(target, gate);
    keys.putBack();
    Awaitility.await().dontCatchUncaughtExceptions().until(() -> sessions.get() == 1);
    Awaitility.await()
        .dontCatchUncaughtExceptions()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          keys.putBack();
          return isBack(target);
        });
    keys.stop();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void comeBackByThemselvesWhenTheConnectionIsLost(DatabaseKind kind) {
    AtomicInteger sessions = new AtomicInteger();
    SessionGate gate =
        fresh -> {
          if (sessions.incrementAndGet() == 1) {
            fresh.abort();
          }
          return () -> {};
        };
    TestDatabase target = TestDatabase.target(kind);
    LeftKeys keys = leftKeys(target, gate);
    keys.putBack();
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> isBack(target));
    assertThat(sessions).hasValueGreaterThan(1);
    keys.stop();
  }
}

package dev.shunt.tablet.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tablet.RpcException;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplicaLogIT {
  @TempDir Path directory;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void refusesReplicasThatDoNotLogWhatTheyGet(DatabaseKind kind) {
    boolean maria = kind.engine() == Engine.MARIADB;
    try (DatabaseServer server =
            kind.start(
                DatabaseSettings.in(directory)
                    .withArguments(
                        maria ? "--skip-log-slave-updates" : "--log-replica-updates=OFF"));
        MysqlConnection connection =
            MysqlConnection.open(
                new MysqlEndpoint(
                    server.host(),
                    server.port(),
                    server.user(),
                    Password.of(server.password()),
                    null))) {
      assertThatCode(() -> Preflight.demandLog(connection, Scope.all("shop", "_vt")))
          .doesNotThrowAnyException();

      connection.execute(
          maria
              ? "CHANGE MASTER 'other' TO MASTER_HOST='127.0.0.1', MASTER_PORT=1"
              : "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=1");

      assertThatThrownBy(() -> Preflight.demandLog(connection, Scope.all("shop", "_vt")))
          .isInstanceOfSatisfying(
              RpcException.class,
              e -> assertThat(e.code()).isEqualTo(Status.Code.FAILED_PRECONDITION))
          .hasMessageContaining("updates = ON");
    }
  }
}

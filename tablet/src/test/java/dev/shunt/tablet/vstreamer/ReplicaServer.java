package dev.shunt.tablet.vstreamer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Positions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A server of a test's own, and a replica of it that can be left behind. */
public final class ReplicaServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final DatabaseKind kind;
  private final DatabaseServer source;
  private final DatabaseServer replica;

  private ReplicaServer(DatabaseKind kind, DatabaseServer source, DatabaseServer replica) {
    this.kind = kind;
    this.source = source;
    this.replica = replica;
  }

  /** Starts both; the replica follows. */
  public static ReplicaServer start(DatabaseKind kind, Path directory) {
    DatabaseServer source =
        kind.start(DatabaseSettings.in(directory.resolve("source")).withServerId(11));
    DatabaseServer replica =
        kind.start(DatabaseSettings.in(directory.resolve("replica")).withServerId(12));
    ReplicaServer servers = new ReplicaServer(kind, source, replica);
    servers.follow();
    return servers;
  }

  private void follow() {
    run(
        kind.engine() == Engine.MYSQL
            ? List.of(
                "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d, SOURCE_USER ="
                    + " '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1,"
                    + " GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1",
                "START REPLICA")
            : List.of(
                "CHANGE MASTER TO MASTER_HOST = '%s', MASTER_PORT = %d, MASTER_USER = '%s',"
                    + " MASTER_PASSWORD = '%s', MASTER_USE_GTID = slave_pos, MASTER_SSL = 0,"
                    + " MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_CONNECT_RETRY = 1",
                "START SLAVE"));
  }

  private void run(List<String> statements) {
    try (MysqlConnection connection = MysqlConnection.open(replica())) {
      for (String statement : statements) {
        connection.execute(
            statement.formatted(source.host(), source.port(), source.user(), source.password()));
      }
    }
  }

  public MysqlEndpoint source() {
    return endpoint(source);
  }

  public MysqlEndpoint replica() {
    return endpoint(replica);
  }

  private static MysqlEndpoint endpoint(DatabaseServer server) {
    return new MysqlEndpoint(
        server.host(), server.port(), server.user(), Password.of(server.password()), null);
  }

  /** What comes is received and not applied. */
  public void stopApplying() {
    run(
        List.of(
            kind.engine() == Engine.MYSQL ? "STOP REPLICA SQL_THREAD" : "STOP SLAVE SQL_THREAD"));
  }

  public void goOnApplying() {
    run(
        List.of(
            kind.engine() == Engine.MYSQL ? "START REPLICA SQL_THREAD" : "START SLAVE SQL_THREAD"));
  }

  /** Waits until the replica has what the source has now. */
  public void awaitCaughtUp() {
    Position position;
    try (MysqlConnection connection = MysqlConnection.open(source())) {
      position = Positions.current(connection);
    }
    try (MysqlConnection connection = MysqlConnection.open(replica())) {
      assertThat(Positions.waitFor(connection, position, PATIENCE)).isTrue();
    }
  }

  @Override
  public void close() {
    replica.kill();
    source.kill();
  }
}

package dev.shunt.bench.catchup;

import dev.shunt.bench.server.Instance;
import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Positions;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import java.time.Duration;
import java.util.List;

/** The database's own replication by GTID, from a source to a replica that has the same rows. */
final class NativeReplication {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
  private static final List<String> ERRORS =
      List.of("Last_IO_Error", "Last_SQL_Error", "Last_Error");

  private final Instance source;
  private final Instance replica;
  private final Flavor flavor;

  /** Nothing happens before {@link #prepare}. */
  NativeReplication(Instance source, Instance replica) {
    this.source = source;
    this.replica = replica;
    try (MysqlConnection connection = replica.connect()) {
      this.flavor = connection.flavor();
    }
  }

  /** Tells the replica that it has all that the source has now, and where the source is. */
  void prepare() {
    Position position = source.position();
    replica.run(
        switch (flavor) {
          case MYSQL ->
              List.of(
                  "RESET BINARY LOGS AND GTIDS",
                  "SET GLOBAL gtid_purged = '" + position.text() + "'",
                  ("CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,"
                          + " SOURCE_USER = '%s', SOURCE_PASSWORD = '%s',"
                          + " SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1,"
                          + " SOURCE_CONNECT_RETRY = 1")
                      .formatted(account()));
          case MARIADB ->
              List.of(
                  "RESET MASTER",
                  "SET GLOBAL gtid_slave_pos = '" + position.text() + "'",
                  ("CHANGE MASTER TO MASTER_HOST = '%s', MASTER_PORT = %d, MASTER_USER = '%s',"
                          + " MASTER_PASSWORD = '%s', MASTER_USE_GTID = slave_pos, MASTER_SSL = 0,"
                          + " MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_CONNECT_RETRY = 1")
                      .formatted(account()));
        });
  }

  private Object[] account() {
    return new Object[] {
      source.server().host(),
      source.server().port(),
      source.server().user(),
      source.server().password()
    };
  }

  /** Sets how many threads apply, while it is stopped; commit order is kept with any number. */
  void workers(int count) {
    replica.run(
        switch (flavor) {
          case MYSQL ->
              List.of(
                  "SET GLOBAL replica_parallel_workers = " + count,
                  "SET GLOBAL replica_preserve_commit_order = ON");
          // MariaDB always keeps it; a pool of one thread is no pool.
          case MARIADB ->
              List.of("SET GLOBAL slave_parallel_threads = " + (count == 1 ? 0 : count));
        });
  }

  /** Starts it, reading of the source's log included. */
  void start() {
    replica.run(List.of(flavor == Flavor.MYSQL ? "START REPLICA" : "START SLAVE"));
  }

  /** Stops it. */
  void stop() {
    replica.run(List.of(flavor == Flavor.MYSQL ? "STOP REPLICA" : "STOP SLAVE"));
  }

  /**
   * Waits until the replica has all up to a position.
   *
   * @throws IllegalStateException when replication stopped with an error
   */
  void await(Position position) {
    try (MysqlConnection connection = replica.connect()) {
      while (!Positions.waitFor(connection, position, LOOK_EVERY)) {
        requireNoError(connection);
      }
    }
  }

  private void requireNoError(MysqlConnection connection) {
    QueryResult status =
        connection.execute(flavor == Flavor.MYSQL ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS");
    Row row = status.only();
    for (String column : ERRORS) {
      int at = status.column(column);
      if (at >= 0 && !row.text(at).isEmpty()) {
        throw new IllegalStateException("native replication stopped: " + row.text(at));
      }
    }
  }
}

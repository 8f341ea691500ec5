package dev.shunt.bench.catchup;

import dev.shunt.bench.server.BenchEngine;
import dev.shunt.bench.server.Instance;
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

  private final BenchEngine engine;
  private final Instance source;
  private final Instance replica;

  /** Nothing happens before {@link #prepare}. */
  NativeReplication(BenchEngine engine, Instance source, Instance replica) {
    this.engine = engine;
    this.source = source;
    this.replica = replica;
  }

  /** Tells the replica that it has all that the source has now, and where the source is. */
  void prepare() {
    replica.run(engine.replicate(source.server(), source.position()));
  }

  /** Sets how many threads apply, while it is stopped; commit order is kept with any number. */
  void workers(int count) {
    replica.run(engine.applyBy(count));
  }

  /** Starts it, reading of the source's log included. */
  void start() {
    replica.run(List.of(engine.startReplica()));
  }

  /** Stops it. */
  void stop() {
    replica.run(List.of(engine.stopReplica()));
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
    QueryResult status = connection.execute(connection.flavor().replication().status());
    Row row = status.only();
    for (String column : ERRORS) {
      int at = status.column(column);
      if (at >= 0 && !row.text(at).isEmpty()) {
        throw new IllegalStateException("native replication stopped: " + row.text(at));
      }
    }
  }
}

package dev.shunt.tablet.manager;

import dev.shunt.mysql.GtidPositions;
import dev.shunt.mysql.LostTransactions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Positions;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.database.KillOnCancel;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Duration;

/** How far this server is. */
final class ServerPosition {
  /** For this long a wait keeps a connection from others. */
  private static final Duration SLICE = Duration.ofMillis(200);

  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final ConnectionPool pool;

  ServerPosition(ConnectionPool pool) {
    this.pool = pool;
  }

  /** What this server has executed, with its flavour. */
  String current() throws InterruptedException {
    try (ConnectionPool.Lease lease = pool.borrow()) {
      return current(lease.connection());
    }
  }

  /** What a server has executed, with its flavour. */
  static String current(MysqlConnection connection) {
    GtidPositions positions = connection.flavor().positions();
    return positions.prefix() + "/" + positions.currentText(connection);
  }

  /**
   * Waits until this server has executed a position.
   *
   * @throws RpcException INVALID_ARGUMENT for a malformed position or one of another flavour,
   *     DEADLINE_EXCEEDED when it has not in time, FAILED_PRECONDITION when it never will
   */
  void await(String position, Duration timeout) throws InterruptedException {
    Position wanted = parse(position);
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      try (ConnectionPool.Lease lease = pool.borrow();
          KillOnCancel _ = new KillOnCancel(lease.connection())) {
        MysqlConnection connection = lease.connection();
        GtidPositions positions = connection.flavor().positions();
        if (!positions.takes(wanted)) {
          throw new RpcException(
              Status.Code.INVALID_ARGUMENT,
              "position %s is not of this server's kind %s/"
                  .formatted(position, positions.prefix()));
        }
        if (Positions.waitFor(connection, wanted, slice(left))) {
          return;
        }
        LostTransactions.of(connection, wanted)
            .ifPresent(lost -> {
              throw RpcException.lostLog(lost);
            });
        if (left.compareTo(SLICE) <= 0 || Context.current().isCancelled()) {
          throw new RpcException(
              Status.Code.DEADLINE_EXCEEDED,
              "position %s was not reached, this server is at %s"
                  .formatted(position, positions.currentText(connection)));
        }
      } catch (MysqlException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException(e.getMessage());
        }
        throw e;
      }
    }
  }

  private static Duration slice(Duration left) {
    if (left.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return left.compareTo(SLICE) < 0 ? left : SLICE;
  }

  private static Position parse(String position) {
    try {
      return Position.parse(position);
    } catch (IllegalArgumentException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }
}

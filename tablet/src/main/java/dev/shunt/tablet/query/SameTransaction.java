package dev.shunt.tablet.query;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.ConnectionPool;
import io.grpc.Status;

/**
 * Sees to it that a statement leaves its session in a transaction, or in none, as it found it. A
 * session that is not so is closed: statements of whoever gets it next would be rolled back with a
 * transaction that he knows nothing of, and those of a transaction that is over would commit one by
 * one.
 */
final class SameTransaction {
  private final MysqlConnection connection;
  private final AppStatement statement;
  private final boolean before;

  /** What is done for the statement. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws InterruptedException;
  }

  SameTransaction(ConnectionPool.Lease lease, AppStatement statement) {
    this.connection = lease.connection();
    this.statement = statement;
    this.before = connection.inTransaction();
    if (statement.kind() == AppStatement.Kind.CALL) {
      lease.resetOnReturn(); // it may set what it likes
    }
  }

  /** Runs the statement. */
  <T> T run(Work<T> work) throws InterruptedException {
    T result;
    boolean answered = false;
    try {
      result = work.run();
      answered = true;
    } finally {
      if (!answered) {
        closeUnlessSame();
      }
    }
    demandSame();
    return result;
  }

  /** An error does not say how the session is, so the server is asked. */
  private void closeUnlessSame() {
    if (!connection.isClosed() && (!connection.ping() || connection.inTransaction() != before)) {
      connection.close();
    }
  }

  /** As a vttablet does: what a procedure begins or ends its caller knows nothing of. */
  private void demandSame() {
    if (connection.inTransaction() == before) {
      return;
    }
    connection.close();
    String what =
        statement.kind() == AppStatement.Kind.CALL ? "the stored procedure" : "the statement";
    throw RpcException.afterCommit(
        Status.Code.CANCELLED,
        before
            ? "Transaction state change inside " + what + " is not allowed"
            : "Transaction not concluded inside %s, leaking transaction from %s is not allowed"
                .formatted(what, what.substring("the ".length())),
        null);
  }
}

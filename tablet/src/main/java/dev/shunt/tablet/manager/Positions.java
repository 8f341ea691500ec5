package dev.shunt.tablet.manager;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.database.KillOnCancel;
import io.grpc.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How far this server is. */
final class Positions {
  private static final Duration MARIADB_POLL = Duration.ofMillis(10);

  private final ConnectionPool pool;

  Positions(ConnectionPool pool) {
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
    return connection.flavor().prefix() + "/" + executed(connection);
  }

  private static String executed(MysqlConnection connection) {
    String variable =
        switch (connection.flavor()) {
          case MYSQL -> "gtid_executed";
          case MARIADB -> "gtid_binlog_pos";
        };
    String position = connection.execute("SELECT @@GLOBAL." + variable).only().text(0);
    return position.replace("\n", "").replace(" ", "");
  }

  /**
   * Waits until this server has executed a position.
   *
   * @throws TabletException INVALID_ARGUMENT for a position of another flavour, DEADLINE_EXCEEDED
   *     when it has not in time
   */
  void await(String position, Duration timeout) throws InterruptedException {
    try (ConnectionPool.Lease lease = pool.borrow();
        KillOnCancel _ = new KillOnCancel(lease.connection())) {
      MysqlConnection connection = lease.connection();
      String prefix = connection.flavor().prefix() + "/";
      if (!position.startsWith(prefix)) {
        throw new TabletException(
            Status.Code.INVALID_ARGUMENT,
            "position " + position + " is not of this server's kind " + prefix);
      }
      String wanted = position.substring(prefix.length());
      boolean reached =
          connection.flavor() == Flavor.MYSQL
              ? awaitMysql(connection, wanted, timeout)
              : awaitMariaDb(connection, wanted, timeout);
      if (!reached) {
        throw new TabletException(
            Status.Code.DEADLINE_EXCEEDED,
            "position " + position + " was not reached, this server is at " + executed(connection));
      }
    }
  }

  private static boolean awaitMysql(MysqlConnection connection, String wanted, Duration timeout) {
    double seconds = Math.max(0.001, timeout.toMillis() / 1000.0);
    return connection
            .execute(
                "SELECT WAIT_FOR_EXECUTED_GTID_SET("
                    + SqlText.literal(wanted)
                    + ", "
                    + seconds
                    + ")")
            .only()
            .number(0)
        == 0;
  }

  /** MASTER_GTID_WAIT looks at what was replicated only, so a primary has to be asked. */
  private static boolean awaitMariaDb(MysqlConnection connection, String wanted, Duration timeout)
      throws InterruptedException {
    Map<String, Long> target = sequences(wanted);
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Map<String, Long> now = sequences(executed(connection));
      boolean reached =
          target.entrySet().stream()
              .allMatch(one -> now.getOrDefault(one.getKey(), 0L) >= one.getValue());
      if (reached) {
        return true;
      }
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.sleep(MARIADB_POLL.toNanos());
    }
  }

  /** Sequence by domain of a list of {@code domain-server-sequence}. */
  private static Map<String, Long> sequences(String gtids) {
    Map<String, Long> sequences = new LinkedHashMap<>();
    for (String gtid : gtids.split(",", -1)) {
      if (gtid.isBlank()) {
        continue;
      }
      String[] parts = gtid.strip().split("-", -1);
      if (parts.length != 3) {
        throw new TabletException(
            Status.Code.INVALID_ARGUMENT, "not a MariaDB GTID: " + gtid.strip());
      }
      try {
        sequences.put(parts[0], Long.parseUnsignedLong(parts[2]));
      } catch (NumberFormatException e) {
        throw new TabletException(
            Status.Code.INVALID_ARGUMENT, "not a MariaDB GTID: " + gtid.strip(), e);
      }
    }
    return sequences;
  }
}

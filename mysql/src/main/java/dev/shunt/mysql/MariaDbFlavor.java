package dev.shunt.mysql;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** MariaDB. */
record MariaDbFlavor(
    GtidPositions positions,
    SessionStatements sessions,
    SqlDialect statements,
    Catalog catalog,
    ReplicationStatements replication,
    Privileges privileges,
    BinaryLog binaryLog)
    implements Flavor {
  MariaDbFlavor() {
    this(
        new MariaDbPositions(),
        new Sessions(),
        new Statements(),
        new MariaDbCatalog(),
        new MariaDbReplication(),
        new Rights(),
        new MariaDbBinaryLog());
  }

  @Override
  public boolean takes(String version) {
    return version.toLowerCase(Locale.ROOT).contains("mariadb");
  }

  @Override
  public boolean isSupported(int major, int minor) {
    return major > 10 || (major == 10 && minor >= 11);
  }

  @Override
  public String toString() {
    return "MARIADB";
  }

  private static final class Sessions implements SessionStatements {
    @Override
    public String settings() {
      return ", max_statement_time = 0, check_constraint_checks = 1, idle_transaction_timeout = 0,"
          + " idle_readonly_transaction_timeout = 0, idle_write_transaction_timeout = 0";
    }

    /** A reset takes the server's character set, not that of the login. */
    @Override
    public void afterReset(MysqlConnection connection) {
      connection.execute("SET NAMES utf8mb4");
    }

    /**
     * A server that might log what a session does lets no lock of metadata go at a ROLLBACK TO
     * SAVEPOINT. These sessions only read; without the privilege they keep such locks to the end.
     */
    @Override
    public void beforeSnapshot(MysqlConnection connection) {
      try {
        connection.execute("SET SESSION sql_log_bin = 0");
      } catch (MysqlException e) {
        if (e.errno() != Snapshot.ACCESS_DENIED) {
          throw e;
        }
      }
    }

    @Override
    public void seeFreshStatistics(MysqlConnection connection) {
      // They always are.
    }
  }

  private static final class Statements implements SqlDialect {
    @Override
    public String underMode(String verb, String mode) {
      return "SET STATEMENT sql_mode='" + mode + "' FOR " + verb;
    }

    /** JSON is another name of LONGTEXT. */
    @Override
    public boolean hasJsonValues() {
      return false;
    }

    @Override
    public String selectWithin(Duration most) {
      String seconds =
          BigDecimal.valueOf(Math.max(1, most.toMillis()), 3).stripTrailingZeros().toPlainString();
      return "SET STATEMENT max_statement_time = " + seconds + " FOR SELECT ";
    }

    @Override
    public String explainSelectWithin(Duration most) {
      return "EXPLAIN SELECT ";
    }

    @Override
    public String hintToEstimate() {
      return "FORCE";
    }

    @Override
    public String setGlobal(String name, String value) {
      return "SET GLOBAL " + name + " = " + value;
    }

    @Override
    public boolean readsCommentsAsMariaDb() {
      return true;
    }
  }

  private static final class Rights implements Privileges {
    @Override
    public Grants granted(MysqlConnection connection) {
      List<String> lines = new ArrayList<>(Grants.shown(connection, "SHOW GRANTS"));
      lines.addAll(ofPublic(connection));
      boolean idle =
          lines.stream().anyMatch(Grants::grantsRole)
              && connection.execute("SELECT CURRENT_ROLE()").only().isNull(0);
      return new Grants(lines, idle);
    }

    /** What everybody may do, on servers that know such a thing (from 10.11 on). */
    private static List<String> ofPublic(MysqlConnection connection) {
      try {
        return Grants.shown(connection, "SHOW GRANTS FOR PUBLIC");
      } catch (MysqlException e) {
        if (e.connectionLost()) {
          throw e;
        }
        return List.of();
      }
    }

    @Override
    public List<String> toSeePrepared() {
      return List.of();
    }

    @Override
    public List<String> toSeeReplication() {
      return List.of("BINLOG MONITOR", "REPLICA MONITOR");
    }

    @Override
    public List<String> toSeeCode() {
      return List.of("SELECT", "TRIGGER", "SHOW VIEW");
    }

    @Override
    public String toWriteUnlogged() {
      return "BINLOG ADMIN";
    }
  }
}

package dev.shunt.mysql;

import java.time.Duration;
import java.util.List;

/** MySQL. */
record MysqlFlavor(
    GtidPositions positions,
    SessionStatements sessions,
    SqlDialect statements,
    Catalog catalog,
    ReplicationStatements replication,
    Privileges privileges,
    BinaryLog binaryLog)
    implements Flavor {
  MysqlFlavor() {
    this(
        new MysqlPositions(),
        new Sessions(),
        new Statements(),
        new MysqlCatalog(),
        new MysqlReplication(),
        new Rights(),
        new MysqlBinaryLog());
  }

  /** All that no other takes. */
  @Override
  public boolean takes(String version) {
    return true;
  }

  @Override
  public boolean isSupported(int major, int minor) {
    return major >= 8;
  }

  @Override
  public String toString() {
    return "MYSQL";
  }

  private static final class Sessions implements SessionStatements {
    /** The hidden keys of tables without one are in the log, so they must be seen. */
    @Override
    public String settings() {
      return ", max_execution_time = 0"
          + " /*!80030 , show_gipk_in_create_table_and_information_schema = 1 */";
    }

    @Override
    public void afterReset(MysqlConnection connection) {
      // The character set is that of the login.
    }

    @Override
    public void beforeSnapshot(MysqlConnection connection) {
      // It holds no locks longer than it must.
    }

    /** Otherwise they may be a day old. */
    @Override
    public void seeFreshStatistics(MysqlConnection connection) {
      connection.execute("SET SESSION information_schema_stats_expiry = 0");
    }
  }

  private static final class Statements implements SqlDialect {
    @Override
    public String underMode(String verb, String mode) {
      return verb + " /*+ SET_VAR(sql_mode='" + mode + "') */";
    }

    @Override
    public boolean hasJsonValues() {
      return true;
    }

    @Override
    public String selectWithin(Duration most) {
      return "SELECT /*+ MAX_EXECUTION_TIME(" + Math.max(1, most.toMillis()) + ") */ ";
    }

    @Override
    public String explainSelectWithin(Duration most) {
      return "EXPLAIN FORMAT=TRADITIONAL " + selectWithin(most);
    }

    /** It does not look into an index that is forced. */
    @Override
    public String hintToEstimate() {
      return "USE";
    }

    @Override
    public String setGlobal(String name, String value) {
      return "SET PERSIST " + name + " = " + value;
    }

    @Override
    public boolean readsCommentsAsMariaDb() {
      return false;
    }
  }

  private static final class Rights implements Privileges {
    @Override
    public Grants granted(MysqlConnection connection) {
      String roles = connection.execute("SELECT CURRENT_ROLE()").only().text(0);
      boolean none = roles.equals("NONE");
      List<String> lines =
          Grants.shown(
              connection, "SHOW GRANTS FOR CURRENT_USER()" + (none ? "" : " USING " + roles));
      return new Grants(lines, none && lines.stream().anyMatch(Grants::grantsRole));
    }

    @Override
    public List<String> toSeePrepared() {
      return List.of("XA_RECOVER_ADMIN");
    }

    @Override
    public List<String> toSeeReplication() {
      return List.of("REPLICATION CLIENT");
    }

    /** Those that are needed anyway suffice. */
    @Override
    public List<String> toSeeCode() {
      return List.of();
    }

    @Override
    public String toWriteUnlogged() {
      return "SESSION_VARIABLES_ADMIN";
    }
  }
}

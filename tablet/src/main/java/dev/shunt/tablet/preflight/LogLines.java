package dev.shunt.tablet.preflight;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lines about what is in a server's binary log. Sources: the chapters on replication and binary
 * logging options of the MySQL and MariaDB manuals.
 */
final class LogLines {
  private static final double DAY_SECONDS = 86_400;
  private static final double SMALL_LOG_BYTES = 4.0 * (1L << 30);
  private static final Pattern HIDING =
      Pattern.compile(
          "(sql_log_bin|binlog_format|skip_replication)\\W*?=\\s*['\"]?(\\w+)",
          Pattern.CASE_INSENSITIVE);

  private final ServerFacts facts;
  private final List<Finding> findings = new ArrayList<>();

  private LogLines(ServerFacts facts) {
    this.facts = facts;
  }

  /**
   * Judges a server.
   *
   * @param database the database whose changes must be in the log
   * @param sidecar the tablet's own database, whose journals are read from the log too
   * @param tables which of the database's tables matter, for the filters of a replica
   * @param names names of the database's tables, asked only when the server has such filters
   */
  static List<Finding> judge(
      ServerFacts facts,
      String database,
      String sidecar,
      Predicate<String> tables,
      java.util.function.Supplier<List<String>> names) {
    LogLines lines = new LogLines(facts);
    lines.log();
    lines.rows();
    lines.sessions();
    lines.filters(database, sidecar);
    lines.replica();
    lines.findings.addAll(ReplicaFilters.judge(facts, database, tables, names));
    lines.keeping();
    return lines.findings;
  }

  private void add(Line line, String found, String... remedy) {
    findings.add(Finding.ofServer(line, found, remedy));
  }

  private String value(String name) {
    return facts.variables().getOrDefault(name, "");
  }

  private void log() {
    if (facts.variable("log_bin").isPresent() && !facts.isOn("log_bin")) {
      add(
          Line.LOG_BIN,
          "it must run with log_bin=ON, it has OFF",
          ServerFacts.configure("log_bin = binlog"));
    }
    if (facts.differs("gtid_mode", "ON")) {
      add(
          Line.GTID_MODE,
          "gtid_mode is " + value("gtid_mode"),
          facts.set("enforce_gtid_consistency", "ON"),
          facts.set("gtid_mode", "OFF_PERMISSIVE"),
          facts.set("gtid_mode", "ON_PERMISSIVE"),
          facts.set("gtid_mode", "ON"));
    }
    if (facts.differs("binlog_error_action", "ABORT_SERVER")) {
      add(
          Line.LOG_ERRORS,
          "binlog_error_action is " + value("binlog_error_action"),
          facts.set("binlog_error_action", "'ABORT_SERVER'"));
    }
    if (facts.variable("gtid_strict_mode").isPresent() && !facts.isOn("gtid_strict_mode")) {
      add(Line.GTID_STRICT, "gtid_strict_mode is OFF", facts.set("gtid_strict_mode", "ON"));
    }
  }

  private void rows() {
    if (facts.differs("binlog_format", "ROW")) {
      add(
          Line.BINLOG_FORMAT,
          "it must run with binlog_format=ROW, it has " + value("binlog_format"),
          facts.set("binlog_format", "'ROW'"),
          "-- sessions that are open keep their setting: end them");
    }
    if (facts.variable("binlog_row_image").isPresent()
        && !value("binlog_row_image").toUpperCase(Locale.ROOT).startsWith("FULL")) {
      add(
          Line.ROW_IMAGE,
          "binlog_row_image is " + value("binlog_row_image"),
          facts.set("binlog_row_image", "'FULL'"));
    }
    if (value("binlog_row_value_options").toUpperCase(Locale.ROOT).contains("PARTIAL_JSON")) {
      add(
          Line.ROW_IMAGE,
          "binlog_row_value_options is " + value("binlog_row_value_options"),
          facts.set("binlog_row_value_options", "''"));
    }
    if (facts.differs("binlog_row_metadata", "FULL")) {
      add(
          Line.ROW_METADATA,
          "binlog_row_metadata is " + value("binlog_row_metadata"),
          facts.set("binlog_row_metadata", "'FULL'"));
    }
  }

  private void sessions() {
    Matcher hiding = HIDING.matcher(value("init_connect"));
    while (hiding.find()) {
      if (!hiding.group(1).equalsIgnoreCase("binlog_format")
          || !hiding.group(2).equalsIgnoreCase("ROW")) {
        boolean harmless =
            hiding.group(1).equalsIgnoreCase("sql_log_bin")
                ? isOn(hiding.group(2))
                : hiding.group(1).equalsIgnoreCase("skip_replication") && !isOn(hiding.group(2));
        if (!harmless) {
          add(
              Line.INIT_CONNECT,
              "init_connect has " + hiding.group(),
              facts.set("init_connect", "''"),
              "-- sessions that are open keep their setting: end them");
          return;
        }
      }
    }
  }

  private static boolean isOn(String value) {
    return value.equalsIgnoreCase("ON") || value.equals("1") || value.equalsIgnoreCase("TRUE");
  }

  private void filters(String database, String sidecar) {
    List<String> only = list(facts.log(), "binlog_do_db");
    List<String> without = list(facts.log(), "binlog_ignore_db");
    if (only.isEmpty() && without.isEmpty()) {
      return;
    }
    String found =
        only.isEmpty()
            ? "binlog_ignore_db is " + String.join(",", without)
            : "binlog_do_db is " + String.join(",", only);
    String remedy = ServerFacts.configure("without binlog_do_db and binlog_ignore_db");
    boolean logged =
        only.isEmpty()
            ? without.stream().noneMatch(name -> name.equalsIgnoreCase(database))
            : only.stream().anyMatch(name -> facts.names().same(name, database));
    boolean journals =
        only.isEmpty()
            ? without.stream().noneMatch(name -> name.equalsIgnoreCase(sidecar))
            : only.stream().anyMatch(name -> facts.names().same(name, sidecar));
    if (!database.isEmpty() && !logged) {
      add(Line.LOG_FILTER, found + ", so " + database + " is not logged", remedy);
    } else if (!journals) {
      add(
          Line.LOG_FILTER_OTHERS,
          found + ", so " + sidecar + " is not logged, which tells other streams of switches",
          remedy);
    } else {
      add(Line.LOG_FILTER_OTHERS, found, remedy);
    }
  }

  static List<String> list(Map<String, String> values, String column) {
    return Arrays.stream(values.getOrDefault(column, "").split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private void replica() {
    boolean cluster = facts.isOn("wsrep_on");
    if (!facts.isReplica() && !cluster) {
      return;
    }
    for (String name : List.of("log_replica_updates", "log_slave_updates")) {
      // Newer servers have it under both names.
      if (facts.variable(name).isPresent() && !facts.isOn(name)) {
        add(
            Line.REPLICA_UPDATES,
            (cluster ? "the server is a node of a Galera cluster" : "the server is a replica")
                + " and has "
                + name
                + "=OFF in place of ON",
            ServerFacts.configure(name + " = ON"));
        break;
      }
    }
    for (String name : List.of("replica_skip_errors", "slave_skip_errors")) {
      String skipped = value(name);
      if (!skipped.isEmpty() && !skipped.equalsIgnoreCase("OFF")) {
        add(Line.REPLICA_SKIPS, name + " is " + skipped, ServerFacts.configure("without " + name));
        break;
      }
    }
    for (String name : List.of("replica_exec_mode", "slave_exec_mode")) {
      if (facts.differs(name, "STRICT")) {
        add(Line.REPLICA_SKIPS, name + " is " + value(name), facts.set(name, "'STRICT'"));
        break;
      }
    }
  }

  /** How long the log is there, and whether it survives. */
  private void keeping() {
    double seconds = facts.number("binlog_expire_logs_seconds").orElse(0.0);
    boolean purges =
        facts.variable("binlog_expire_logs_auto_purge").isEmpty()
            || facts.isOn("binlog_expire_logs_auto_purge");
    double days = facts.number("expire_logs_days").orElse(0.0);
    double kept = seconds > 0 ? seconds : days * DAY_SECONDS;
    if (purges && kept > 0 && kept < DAY_SECONDS) {
      add(
          Line.LOG_EXPIRY,
          "the binary log is kept for %.0f s".formatted(kept),
          facts.variable("binlog_expire_logs_seconds").isPresent()
              ? facts.set("binlog_expire_logs_seconds", "604800")
              : facts.set("expire_logs_days", "7"));
    }
    double size = facts.number("max_binlog_total_size").orElse(0.0);
    if (size > 0 && size < SMALL_LOG_BYTES) {
      add(
          Line.LOG_EXPIRY,
          "max_binlog_total_size is %.0f bytes".formatted(size),
          facts.set("max_binlog_total_size", "0"));
    }
    if (facts.differs("sync_binlog", "1")) {
      add(Line.DURABILITY, "sync_binlog is " + value("sync_binlog"), facts.set("sync_binlog", "1"));
    }
    if (facts.differs("innodb_flush_log_at_trx_commit", "1")) {
      add(
          Line.DURABILITY,
          "innodb_flush_log_at_trx_commit is " + value("innodb_flush_log_at_trx_commit"),
          facts.set("innodb_flush_log_at_trx_commit", "1"));
    }
  }
}

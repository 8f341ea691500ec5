package dev.shunt.bench.server;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.MariaDbServer;
import dev.shunt.embedded.MySqlServer;
import java.util.ArrayList;
import java.util.List;

/** Which database servers are measured, and the settings that all of a benchmark's have. */
public enum Engine {
  /** A real MySQL, found on this machine or fetched by deploy/tools/get-mysql.sh. */
  MYSQL("mysql", "mysqldump"),
  /** MariaDB from its Maven package. */
  MARIADB("mariadb", "mariadb-dump");

  private static final List<String> COMMON =
      List.of(
          "--sync-binlog=0",
          "--innodb-flush-log-at-trx-commit=2",
          "--innodb-io-capacity=10000",
          "--innodb-io-capacity-max=20000");

  private final String client;
  private final String dump;

  Engine(String client, String dump) {
    this.client = client;
    this.dump = dump;
  }

  /**
   * Server arguments beside those that every embedded server has.
   *
   * @param bufferPool InnoDB buffer pool in MB; the redo log has four times that, so that no load
   *     waits for a checkpoint and a small trial takes little of the disk
   */
  List<String> settings(int bufferPool) {
    String redoLog = Math.max(4 * bufferPool, 64) + "M";
    List<String> all = new ArrayList<>(COMMON);
    all.addAll(
        switch (this) {
          case MYSQL ->
              List.of(
                  "--innodb-redo-log-capacity=" + redoLog,
                  "--replica-preserve-commit-order=ON",
                  "--skip-replica-start=ON");
          case MARIADB ->
              List.of(
                  "--innodb-log-file-size=" + redoLog,
                  "--innodb-log-buffer-size=16M",
                  "--skip-slave-start=ON");
        });
    return List.copyOf(all);
  }

  /** Name of the command line client. */
  public String client() {
    return client;
  }

  /** Name of the program that dumps. */
  public String dump() {
    return dump;
  }

  DatabaseServer start(DatabaseSettings started) {
    return switch (this) {
      case MARIADB -> MariaDbServer.start(started);
      case MYSQL -> MySqlServer.start(started);
    };
  }
}

package dev.shunt.bench.server;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * Which database servers are measured: the settings that all of a benchmark's have, their programs,
 * and how their own replication is set up.
 */
public enum BenchEngine {
  /** MySQL. */
  MYSQL(Engine.MYSQL, "mysql", "mysqldump") {
    @Override
    List<String> ownSettings(String redoLog) {
      return List.of(
          "--innodb-redo-log-capacity=" + redoLog,
          "--replica-preserve-commit-order=ON",
          "--skip-replica-start=ON");
    }

    @Override
    public String withoutTls() {
      return "ssl-mode=DISABLED\nloose-get-server-public-key\n";
    }

    @Override
    public List<String> dumpOptions() {
      return List.of("--set-gtid-purged=OFF");
    }

    @Override
    public List<String> replicate(DatabaseServer source, Position from) {
      return List.of(
          "RESET BINARY LOGS AND GTIDS",
          "SET GLOBAL gtid_purged = '" + from.text() + "'",
          ("CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,"
                  + " SOURCE_USER = '%s', SOURCE_PASSWORD = '%s',"
                  + " SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1,"
                  + " SOURCE_CONNECT_RETRY = 1")
              .formatted(source.host(), source.port(), source.user(), source.password()));
    }

    @Override
    public List<String> applyBy(int threads) {
      return List.of(
          "SET GLOBAL replica_parallel_workers = " + threads,
          "SET GLOBAL replica_preserve_commit_order = ON");
    }

    @Override
    public String startReplica() {
      return "START REPLICA";
    }

    @Override
    public String stopReplica() {
      return "STOP REPLICA";
    }
  },
  /** MariaDB. */
  MARIADB(Engine.MARIADB, "mariadb", "mariadb-dump") {
    @Override
    List<String> ownSettings(String redoLog) {
      return List.of(
          "--innodb-log-file-size=" + redoLog,
          "--innodb-log-buffer-size=16M",
          "--skip-slave-start=ON");
    }

    @Override
    public String withoutTls() {
      return "skip-ssl\n";
    }

    @Override
    public List<String> dumpOptions() {
      return List.of();
    }

    @Override
    public List<String> replicate(DatabaseServer source, Position from) {
      return List.of(
          "RESET MASTER",
          "SET GLOBAL gtid_slave_pos = '" + from.text() + "'",
          ("CHANGE MASTER TO MASTER_HOST = '%s', MASTER_PORT = %d, MASTER_USER = '%s',"
                  + " MASTER_PASSWORD = '%s', MASTER_USE_GTID = slave_pos, MASTER_SSL = 0,"
                  + " MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_CONNECT_RETRY = 1")
              .formatted(source.host(), source.port(), source.user(), source.password()));
    }

    /** It always keeps the order of commits; a pool of one thread is no pool. */
    @Override
    public List<String> applyBy(int threads) {
      return List.of("SET GLOBAL slave_parallel_threads = " + (threads == 1 ? 0 : threads));
    }

    @Override
    public String startReplica() {
      return "START SLAVE";
    }

    @Override
    public String stopReplica() {
      return "STOP SLAVE";
    }
  };

  private static final List<String> COMMON =
      List.of(
          "--sync-binlog=0",
          "--innodb-flush-log-at-trx-commit=2",
          "--innodb-io-capacity=10000",
          "--innodb-io-capacity-max=20000");

  private final Engine engine;
  private final String client;
  private final String dump;

  BenchEngine(Engine engine, String client, String dump) {
    this.engine = engine;
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
    List<String> all = new ArrayList<>(COMMON);
    all.addAll(ownSettings(Math.max(4 * bufferPool, 64) + "M"));
    return List.copyOf(all);
  }

  abstract List<String> ownSettings(String redoLog);

  /** Name of the command line client. */
  public String client() {
    return client;
  }

  /** Name of the program that dumps. */
  public String dump() {
    return dump;
  }

  /** Lines of an option file by which the programs use a line without TLS. */
  public abstract String withoutTls();

  /** Options of the program that dumps. */
  public abstract List<String> dumpOptions();

  /** Statements that tell a replica where its source is, and that it has all up to a position. */
  public abstract List<String> replicate(DatabaseServer source, Position from);

  /** Statements that set how many threads apply, while it is stopped; commits keep their order. */
  public abstract List<String> applyBy(int threads);

  /** Starts a replica, reading of the source's log included. */
  public abstract String startReplica();

  /** Stops it. */
  public abstract String stopReplica();

  DatabaseServer start(DatabaseSettings settings) {
    return engine.start(settings);
  }
}

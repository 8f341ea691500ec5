package dev.shunt.bench.server;

import dev.shunt.bench.measure.Probe;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Positions;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.Tls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A database server with one database, in a process of its own. */
public final class Instance implements Probe, AutoCloseable {
  private static final Duration SETTLING = Duration.ofSeconds(60);
  private static final long FEW_DIRTY_PAGES = 100;

  private final String name;
  private final String database;
  private final DatabaseServer server;

  private Instance(String name, String database, DatabaseServer server) {
    this.name = name;
    this.database = database;
    this.server = server;
  }

  /**
   * Starts one with an empty database.
   *
   * @param name what it is called in figures
   * @param serverId its replication server id
   * @param database name of its database
   * @param folder where it is put
   * @param bufferPoolMegabytes InnoDB buffer pool
   */
  public static Instance start(
      BenchEngine engine,
      String name,
      int serverId,
      String database,
      Path folder,
      int bufferPoolMegabytes) {
    DatabaseServer server =
        engine.start(
            DatabaseSettings.in(folder)
                .withServerId(serverId)
                .withBufferPool(bufferPoolMegabytes)
                .withArguments(engine.settings(bufferPoolMegabytes).toArray(String[]::new)));
    Instance instance = new Instance(name, database, server);
    try (MysqlConnection connection = MysqlConnection.open(instance.endpoint(null))) {
      connection.execute("CREATE DATABASE " + database);
    }
    return instance;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long pid() {
    return server.pid();
  }

  /** Name of its database. */
  public String database() {
    return database;
  }

  /** The server. */
  public DatabaseServer server() {
    return server;
  }

  /** Opens a connection to its database, with times in UTC. */
  public MysqlConnection connect() {
    return MysqlConnection.open(endpoint(database)).utc();
  }

  /** Path of the unix socket that all who are measured go through; null for TCP. */
  public @Nullable String socket() {
    return server.clientSocket().map(Path::toString).orElse(null);
  }

  private MysqlEndpoint endpoint(@Nullable String to) {
    return new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), to)
        .withSocket(socket())
        .withTls(Tls.DISABLED);
  }

  /** Runs statements one after the other in its database. */
  public void run(List<String> statements) {
    try (MysqlConnection connection = connect()) {
      statements.forEach(connection::execute);
    }
  }

  /** All transactions that it has. */
  public Position position() {
    try (MysqlConnection connection = connect()) {
      return Positions.current(connection);
    }
  }

  /** Version of the server. */
  public String version() {
    try (MysqlConnection connection = connect()) {
      return connection.serverVersion();
    }
  }

  /** Drops tables where they are there. */
  public void drop(List<String> tables) {
    run(tables.stream().map(table -> "DROP TABLE IF EXISTS " + table).toList());
  }

  /** What CHECKSUM TABLE says of each table; equal on two servers when their rows are equal. */
  public SortedMap<String, String> checksums(List<String> tables) {
    SortedMap<String, String> checksums = new TreeMap<>();
    String list = tables.stream().collect(Collectors.joining(", "));
    try (MysqlConnection connection = connect()) {
      for (Row row : connection.execute("CHECKSUM TABLE " + list + " EXTENDED").rows()) {
        checksums.put(
            row.text(0).substring(database.length() + 1), String.valueOf(row.textOrNull(1)));
      }
    }
    return checksums;
  }

  /**
   * Waits until what was written before is on the disk, so that the next run does not pay for it;
   * throws away the binary logs that are done with when asked to.
   */
  public void settle(boolean purgeLogs) throws InterruptedException {
    try (MysqlConnection connection = connect()) {
      if (purgeLogs) {
        connection.execute("FLUSH BINARY LOGS");
        List<Row> logs = connection.execute("SHOW BINARY LOGS").rows();
        connection.execute("PURGE BINARY LOGS TO '" + logs.getLast().text(0) + "'");
      }
      String usual =
          connection.execute("SELECT @@GLOBAL.innodb_max_dirty_pages_pct").only().text(0);
      connection.execute("SET GLOBAL innodb_max_dirty_pages_pct = 0");
      long deadline = System.nanoTime() + SETTLING.toNanos();
      while (dirtyPages(connection) > FEW_DIRTY_PAGES && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
      connection.execute("SET GLOBAL innodb_max_dirty_pages_pct = " + usual);
    }
  }

  private static long dirtyPages(MysqlConnection connection) {
    return connection
        .execute("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")
        .only()
        .number(1);
  }

  @Override
  public void close() {
    server.close();
  }
}

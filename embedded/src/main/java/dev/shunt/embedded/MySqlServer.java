package dev.shunt.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A MySQL with row binlog and GTIDs, as Shunt's tablets need it.
 *
 * <p>Its programs come from the folder in the environment variable {@code SHUNT_MYSQL_HOME} (one
 * that holds {@code bin/mysqld}), else from where {@code deploy/tools/get-mysql.sh} puts them, else
 * from the {@code PATH}.
 */
public final class MySqlServer implements DatabaseServer {
  /** What to do where no MySQL is found. */
  public static final String HINT =
      "no MySQL server found: run deploy/tools/get-mysql.sh, or set SHUNT_MYSQL_HOME";

  private final DatabaseSettings settings;
  private final DatabaseProcess process;

  private MySqlServer(DatabaseSettings settings, DatabaseProcess process) {
    this.settings = settings;
    this.process = process;
  }

  public static boolean isAvailable() {
    return mysqld().isPresent();
  }

  /** True where a test has to run on MySQL: it is there, or {@code CI=true} wants it. */
  public static boolean isAvailableOrRequired() {
    return isAvailable() || Tools.mustBePresent();
  }

  /**
   * Starts on a new directory or on one that was started on before.
   *
   * @throws EmbeddedServerException when no MySQL is found, or it does not start
   */
  public static MySqlServer start(DatabaseSettings settings) {
    Path mysqld = mysqld().orElseThrow(() -> new EmbeddedServerException(HINT));
    try {
      if (!Files.isDirectory(settings.data())) {
        copyTemplate(mysqld, settings);
      }
      Files.createDirectories(settings.temporary());
      Path init = settings.directory().resolve("init.sql");
      Files.write(init, initStatements(settings));
      return new MySqlServer(
          settings,
          new DatabaseProcess("MySQL", settings, port -> command(mysqld, settings, init, port)));
    } catch (IOException e) {
      throw new EmbeddedServerException(
          "MySQL can't be prepared in " + settings.directory() + ": " + e.getMessage(), e);
    }
  }

  private static Optional<Path> mysqld() {
    Optional<Path> home = Tools.fromEnvironment("SHUNT_MYSQL_HOME");
    if (home.isPresent()) {
      return Tools.executable(home.get().resolve("bin/mysqld"));
    }
    return Tools.executable(Tools.directory().resolve("mysql/bin/mysqld"))
        .or(() ->
            Tools.onPath("mysqld")
                .filter(found -> !DatabaseProcess.version(found).contains("MariaDB")));
  }

  /** Initialising takes seconds, so it is done once a version and copied. */
  private static void copyTemplate(Path mysqld, DatabaseSettings settings) throws IOException {
    String kind = DatabaseProcess.version(mysqld) + String.join("", settings.lasting());
    String name = "mysql-template-" + Integer.toHexString(kind.hashCode());
    Path template =
        Folders.makeOnce(
            Tools.cache().resolve(name), folder -> initialize(mysqld, folder, settings.lasting()));
    Path fresh = settings.directory().resolve("data.new");
    Folders.delete(fresh);
    Files.createDirectories(settings.directory());
    Folders.copy(template.resolve("data"), fresh);
    // Each server makes a UUID of its own.
    Files.deleteIfExists(fresh.resolve("auto.cnf"));
    Files.move(fresh, settings.data());
  }

  private static void initialize(Path mysqld, Path folder, List<String> lasting) {
    List<String> command = new ArrayList<>();
    command.add(mysqld.toString());
    command.add("--no-defaults");
    command.addAll(installation(mysqld));
    command.addAll(
        List.of("--initialize-insecure", "--skip-log-bin", "--datadir=" + folder.resolve("data")));
    command.addAll(lasting);
    Folders.systemUser().ifPresent(user -> command.add("--user=" + user));
    ChildProcess.run(
        "mysqld --initialize-insecure", command, folder, folder.resolve("install.log"));
  }

  /** Where the server finds its own files; a package's folder was compiled for another place. */
  static List<String> installation(Path mysqld) {
    @Nullable Path folder = mysqld.toAbsolutePath().getParent();
    @Nullable Path home = folder == null ? null : folder.getParent();
    if (home == null) {
      return List.of();
    }
    Path share = home.resolve("usr/share/mysql");
    if (!Files.isDirectory(share)) {
      return List.of();
    }
    return List.of(
        "--basedir=" + home.resolve("usr"),
        "--lc-messages-dir=" + share,
        "--character-sets-dir=" + share.resolve("charsets"),
        "--plugin-dir=" + home.resolve("usr/lib/mysql/plugin"));
  }

  private static List<String> initStatements(DatabaseSettings settings) {
    String account = DatabaseSettings.literal(settings.user()) + "@'%'";
    String password = DatabaseSettings.literal(settings.password());
    List<String> statements = new ArrayList<>();
    statements.add("SET sql_log_bin=0;");
    statements.add("CREATE USER IF NOT EXISTS " + account + " IDENTIFIED BY " + password + ";");
    statements.add("ALTER USER " + account + " IDENTIFIED BY " + password + ";");
    statements.add("GRANT ALL ON *.* TO " + account + " WITH GRANT OPTION;");
    return statements;
  }

  private static List<String> command(Path mysqld, DatabaseSettings settings, Path init, int port) {
    List<String> command = new ArrayList<>();
    command.add(mysqld.toString());
    command.add("--no-defaults");
    command.addAll(installation(mysqld));
    command.addAll(
        List.of(
            "--datadir=" + settings.data(),
            "--port=" + port,
            // Relative to the data directory: a path of any length does.
            "--socket=mysql.sock",
            // A starting server clears the temporary tables of all others that share a folder.
            "--tmpdir=" + settings.temporary(),
            "--pid-file=" + settings.directory().resolve("server.pid"),
            "--bind-address=127.0.0.1",
            "--mysqlx=OFF",
            "--server-id=" + settings.serverId(),
            "--log-bin=binlog",
            "--binlog-format=ROW",
            "--binlog-row-image=FULL",
            "--binlog-row-metadata=FULL",
            "--log-replica-updates=ON",
            "--gtid-mode=ON",
            "--enforce-gtid-consistency=ON",
            "--character-set-server=utf8mb4",
            "--local-infile=ON",
            "--secure-file-priv=",
            "--max-allowed-packet=64M",
            "--max-connections=300",
            "--innodb-buffer-pool-size=" + settings.bufferPoolMegabytes() + "M",
            "--innodb-redo-log-capacity=128M",
            // The process may be killed, the machine is trusted.
            "--innodb-flush-log-at-trx-commit=2",
            "--sync-binlog=0",
            "--skip-name-resolve",
            "--performance-schema=OFF",
            "--init-file=" + init));
    Folders.systemUser().ifPresent(user -> command.add("--user=" + user));
    command.addAll(settings.arguments());
    return command;
  }

  @Override
  public String host() {
    return "127.0.0.1";
  }

  @Override
  public int port() {
    return process.port();
  }

  @Override
  public String user() {
    return settings.user();
  }

  @Override
  public String password() {
    return settings.password();
  }

  @Override
  public Path socket() {
    return process.socket();
  }

  @Override
  public Optional<Path> program(String name) {
    return mysqld()
        .flatMap(server -> Tools.executable(server.resolveSibling(name)))
        .or(() -> Tools.onPath(name));
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public boolean running() {
    return process.running();
  }

  @Override
  public void start() {
    process.start();
  }

  @Override
  public void stop() {
    process.stop();
  }

  @Override
  public void kill() {
    process.kill();
  }

  @Override
  public void pause() {
    process.signal("STOP");
  }

  @Override
  public void resume() {
    process.signal("CONT");
  }

  @Override
  public void close() {
    stop();
  }
}

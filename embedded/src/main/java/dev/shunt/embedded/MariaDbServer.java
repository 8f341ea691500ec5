package dev.shunt.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A MariaDB with row binlog and GTIDs, as Shunt's tablets need it. */
public final class MariaDbServer implements DatabaseServer {
  private final Path home;
  private final DatabaseSettings settings;
  private final DatabaseProcess process;

  private MariaDbServer(Path home, DatabaseSettings settings, DatabaseProcess process) {
    this.home = home;
    this.settings = settings;
    this.process = process;
  }

  /** Starts the version that comes as a Maven artifact. */
  public static MariaDbServer start(DatabaseSettings settings) {
    return start(MariaDbVersion.V11_4, settings);
  }

  /**
   * Starts a version on a new directory or on one that the same version was started on before.
   *
   * @throws EmbeddedServerException when that version is not installed, or does not start
   */
  public static MariaDbServer start(MariaDbVersion version, DatabaseSettings settings) {
    Path home = version.home();
    try {
      initialize(home, settings);
      Files.createDirectories(settings.temporary());
      Path init = settings.directory().resolve("init.sql");
      Files.write(init, initStatements(settings));
      return new MariaDbServer(
          home,
          settings,
          new DatabaseProcess(
              "MariaDB " + version.number(),
              settings,
              port -> command(home, settings, init, port)));
    } catch (IOException e) {
      throw new EmbeddedServerException(
          "MariaDB can't be prepared in " + settings.directory() + ": " + e.getMessage(), e);
    }
  }

  /** Initialising takes seconds, so it is done once a version and copied. */
  private static void initialize(Path home, DatabaseSettings settings) throws IOException {
    if (Files.isDirectory(settings.data())) {
      return;
    }
    String version = DatabaseProcess.version(MariaDbVersion.binary(home));
    String name = "mariadb-template-" + Integer.toHexString(version.hashCode());
    Path template = Folders.makeOnce(Tools.cache().resolve(name), folder -> install(home, folder));
    // Under another name first: a half-made directory is never taken for a database.
    Path fresh = settings.directory().resolve("data.new");
    Folders.delete(fresh);
    Files.createDirectories(settings.directory());
    Folders.copy(template.resolve("data"), fresh);
    Files.move(fresh, settings.data());
  }

  private static void install(Path home, Path folder) throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command = new ArrayList<>();
    command.add("sh");
    command.add(MariaDbVersion.script(home).toString());
    command.addAll(
        List.of(
            "--no-defaults",
            "--basedir=" + home,
            "--datadir=" + folder.resolve("data"),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-log-bin",
            // Quicker to copy; the server makes it as large as it is to be.
            "--innodb-log-file-size=4M",
            "--force"));
    Folders.systemUser().ifPresent(user -> command.add("--user=" + user));
    // A starting server clears the temporary tables of all others that share a folder.
    ChildProcess.run(
        "mariadb-install-db",
        command,
        folder,
        folder.resolve("install.log"),
        Map.of("TMPDIR", temporary.toString()));
  }

  private static List<String> initStatements(DatabaseSettings settings) {
    String account = DatabaseSettings.literal(settings.user()) + "@'%'";
    return List.of(
        "SET sql_log_bin=0;",
        "DELETE FROM mysql.global_priv WHERE User='root' AND Host<>'localhost';",
        // Nobody's account for localhost would be taken before one for any host.
        "DELETE FROM mysql.global_priv WHERE User='';",
        "FLUSH PRIVILEGES;",
        "CREATE USER IF NOT EXISTS " + account + ";",
        "ALTER USER "
            + account
            + " IDENTIFIED BY "
            + DatabaseSettings.literal(settings.password())
            + ";",
        "GRANT ALL ON *.* TO " + account + " WITH GRANT OPTION;");
  }

  private static List<String> command(Path home, DatabaseSettings settings, Path init, int port) {
    List<String> command = new ArrayList<>();
    command.add(MariaDbVersion.binary(home).toString());
    command.addAll(
        List.of(
            "--no-defaults",
            "--basedir=" + home,
            "--datadir=" + settings.data(),
            "--port=" + port,
            // Relative to the data directory: a path of any length does.
            "--socket=mysql.sock",
            // A starting server clears the temporary tables of all others that share a folder.
            "--tmpdir=" + settings.temporary(),
            "--pid-file=" + settings.directory().resolve("server.pid"),
            "--bind-address=127.0.0.1",
            "--server-id=" + settings.serverId(),
            "--gtid-domain-id=" + settings.serverId(),
            "--log-bin=binlog",
            "--binlog-format=ROW",
            "--binlog-row-image=FULL",
            "--binlog-row-metadata=FULL",
            "--log-slave-updates",
            "--gtid-strict-mode=1",
            "--character-set-server=utf8mb4",
            "--local-infile=1",
            "--max-allowed-packet=64M",
            "--max-connections=300",
            "--innodb-buffer-pool-size=" + settings.bufferPoolMegabytes() + "M",
            // Room that the defaults take at once, mostly for engines that nobody uses here.
            "--key-buffer-size=1M",
            "--aria-pagecache-buffer-size=16M",
            "--innodb-log-buffer-size=4M",
            // The process may be killed, the machine is trusted.
            "--innodb-flush-log-at-trx-commit=2",
            "--skip-name-resolve",
            "--skip-ssl",
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
    return Tools.executable(MariaDbVersion.binary(home).resolveSibling(name))
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

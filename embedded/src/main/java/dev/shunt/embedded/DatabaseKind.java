package dev.shunt.embedded;

import dev.shunt.embedded.DatabaseServer.Flavor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The database servers that this module can start; Shunt works beside each of them. */
public enum DatabaseKind {
  /** MariaDB 11.4, unpacked from its Maven package; always there. */
  MARIADB_11_4(Flavor.MARIADB),
  /** MariaDB 10.11, which {@code deploy/tools/get-mariadb-10.11.sh} fetches. */
  MARIADB_10_11(Flavor.MARIADB),
  /** The MySQL that is installed, or that {@code deploy/tools/get-mysql.sh} fetches. */
  MYSQL(Flavor.MYSQL);

  private final Flavor flavor;

  DatabaseKind(Flavor flavor) {
    this.flavor = flavor;
  }

  public Flavor flavor() {
    return flavor;
  }

  /** Whether it can be started here; always true where nothing may be skipped (CI=true). */
  public boolean isAvailableOrRequired() {
    return switch (this) {
      case MARIADB_11_4 -> true;
      case MARIADB_10_11 -> MariaDbVersion.V10_11.isAvailableOrRequired();
      case MYSQL -> MySqlServer.isAvailableOrRequired();
    };
  }

  /** What to do where it is missing. */
  public String hint() {
    return switch (this) {
      case MARIADB_11_4 -> MariaDbVersion.V11_4.hint();
      case MARIADB_10_11 -> MariaDbVersion.V10_11.hint();
      case MYSQL -> MySqlServer.HINT;
    };
  }

  /** All for which {@link #isAvailableOrRequired()} holds. */
  public static List<DatabaseKind> available() {
    return Arrays.stream(values()).filter(DatabaseKind::isAvailableOrRequired).toList();
  }

  /** Starts one; EmbeddedServerException says what is missing or went wrong. */
  public DatabaseServer start(DatabaseSettings settings) {
    return switch (this) {
      case MARIADB_11_4 -> MariaDbServer.start(MariaDbVersion.V11_4, settings);
      case MARIADB_10_11 -> MariaDbServer.start(MariaDbVersion.V10_11, settings);
      case MYSQL -> MySqlServer.start(settings);
    };
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

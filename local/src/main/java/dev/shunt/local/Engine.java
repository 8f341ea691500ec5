package dev.shunt.local;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.MariaDbServer;
import dev.shunt.embedded.MySqlServer;

/** Which database servers are started. */
public enum Engine {
  /** MariaDB from its Maven package. */
  MARIADB,
  /** A real MySQL, found on this machine or fetched by deploy/tools/get-mysql.sh. */
  MYSQL;

  DatabaseServer start(DatabaseSettings settings) {
    return switch (this) {
      case MARIADB -> MariaDbServer.start(settings);
      case MYSQL -> MySqlServer.start(settings);
    };
  }
}

package dev.shunt.embedded;

/** The families of database servers that can be started. */
public enum Engine {
  /** MariaDB from its Maven package. */
  MARIADB {
    @Override
    public DatabaseServer start(DatabaseSettings settings) {
      return MariaDbServer.start(settings);
    }
  },
  /** A real MySQL, found on this machine or fetched by deploy/tools/get-mysql.sh. */
  MYSQL {
    @Override
    public DatabaseServer start(DatabaseSettings settings) {
      return MySqlServer.start(settings);
    }
  };

  /** Starts a server of it; EmbeddedServerException says what is missing or went wrong. */
  public abstract DatabaseServer start(DatabaseSettings settings);
}

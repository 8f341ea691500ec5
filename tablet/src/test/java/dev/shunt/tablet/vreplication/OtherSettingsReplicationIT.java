package dev.shunt.tablet.vreplication;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Password;
import dev.shunt.tablet.vstreamer.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** On servers that log no more of columns than they do by default, and read SQL in another way. */
class OtherSettingsReplicationIT extends ReplicationConformance<DatabaseKind> {
  private final List<DatabaseServer> started = new ArrayList<>();

  static List<DatabaseKind> servers() {
    return DatabaseKind.available();
  }

  @Override
  StreamingCluster start(DatabaseKind kind, Path topology) {
    return new StreamingCluster(
        topology,
        server(kind, 1, topology.resolveSibling("source")),
        server(kind, 2, topology.resolveSibling("target")));
  }

  private TestDatabase server(DatabaseKind kind, int id, Path folder) {
    boolean maria = kind.engine() == Engine.MARIADB;
    DatabaseServer server =
        kind.start(
            DatabaseSettings.in(folder)
                .withServerId(id)
                .withArguments(
                    "--binlog-row-metadata=" + (maria ? "NO_LOG" : "MINIMAL"),
                    "--local-infile=0",
                    "--sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,"
                        + "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,IGNORE_SPACE"));
    started.add(server);
    return TestDatabase.on(
        new MysqlEndpoint(
            server.host(), server.port(), server.user(), Password.of(server.password()), null));
  }

  @AfterEach
  void stop() {
    started.forEach(DatabaseServer::kill);
  }
}

package dev.shunt.local;

import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Tls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The databases of a cluster: started ones, or those that the user gave. */
final class Databases {
  private static final int MISSING = 1049;

  private final Map<String, MysqlEndpoint> endpoints = new ConcurrentHashMap<>();

  /**
   * Looks whether the user's databases are there, before anything is started or made. A server that
   * doesn't listen may be starting: its tablet waits for it.
   *
   * @throws IllegalStateException naming server and database when one is missing, or can't be used
   */
  static void check(ClusterOptions options) {
    new TreeMap<>(options.databases())
        .forEach((name, endpoint) -> {
          try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
            connection.execute("SELECT 1");
          } catch (MysqlException e) {
            if (e.errno() == MISSING) {
              throw new IllegalStateException(
                  "%s: server %s has no database %s; create it there, or mend the address"
                      .formatted(name, endpoint.address(), endpoint.database()),
                  e);
            }
            if (!e.connectionLost()) {
              throw new IllegalStateException(
                  "%s: database %s on %s can't be used: %s"
                      .formatted(name, endpoint.database(), endpoint.address(), e.getMessage()),
                  e);
            }
          }
        });
  }

  /** Tasks that start the databases, each to be run once; what they start is added to closing. */
  List<Runnable> starting(ClusterOptions options, PortBook ports, Closer closer) {
    List<Runnable> tasks = new ArrayList<>();
    for (Layout.Place place : options.layout().places()) {
      @Nullable MysqlEndpoint given = options.databases().get(place.name());
      if (given != null) {
        endpoints.put(place.name(), given);
        continue;
      }
      int port = ports.of("mysql-" + place.uid(), 0);
      tasks.add(() -> {
        DatabaseServer server =
            closer.add(
                options
                    .engine()
                    .start(
                        DatabaseSettings.in(options.directory().resolve("mysql-" + place.uid()))
                            .withPort(port)
                            .withServerId(place.uid())
                            .withBufferPool(128)));
        endpoints.put(
            place.name(),
            // Whoever could listen on this machine's own line could read the data's files as well.
            new MysqlEndpoint(
                    server.host(),
                    server.port(),
                    server.user(),
                    Password.of(server.password()),
                    place.database())
                .withSocket(server.clientSocket().map(Path::toString).orElse(null))
                .withTls(Tls.DISABLED));
      });
    }
    return tasks;
  }

  /** By {@code keyspace/shard}, with the tablet's database as default. */
  Map<String, MysqlEndpoint> endpoints() {
    return Map.copyOf(endpoints);
  }

  /** Addresses by alias, as they are shown. */
  Map<String, String> shown(Layout layout) {
    Map<String, String> shown = new TreeMap<>();
    for (Layout.Place place : layout.places()) {
      MysqlEndpoint endpoint = endpoints.get(place.name());
      if (endpoint != null) {
        shown.put(
            place.alias(layout.cell()),
            "mysql://%s@%s:%d/%s"
                .formatted(endpoint.user(), endpoint.host(), endpoint.port(), endpoint.database()));
      }
    }
    return shown;
  }
}

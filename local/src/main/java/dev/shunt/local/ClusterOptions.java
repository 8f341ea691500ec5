package dev.shunt.local;

import dev.shunt.mysql.MysqlEndpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster on this machine is made of.
 *
 * @param directory data, logs and port numbers; may be used again after a restart
 * @param engine databases that are started
 * @param layout its tablets
 * @param databases databases of the user's that take the place of started ones, by {@code
 *     keyspace/shard}
 * @param kafka bootstrap servers of a Kafka of the user's, or null to start one
 * @param registry address of a schema registry of the user's, or null for the embedded one
 * @param etcd endpoints of an etcd of the user's; empty for local files
 * @param globalRoot where the global records are in that etcd, for instance {@code /vitess/global}
 */
public record ClusterOptions(
    Path directory,
    Engine engine,
    Layout layout,
    Map<String, MysqlEndpoint> databases,
    @Nullable String kafka,
    @Nullable String registry,
    List<String> etcd,
    String globalRoot) {
  private static final String USUAL_ROOT = "/vitess/global";

  public ClusterOptions {
    directory = directory.toAbsolutePath().normalize();
    databases = Map.copyOf(databases);
    etcd = List.copyOf(etcd);
    List<String> places = layout.places().stream().map(Layout.Place::name).toList();
    for (String name : databases.keySet()) {
      if (!places.contains(name)) {
        throw new IllegalArgumentException(
            "--mysql %s: no such tablet; there are %s".formatted(name, places));
      }
    }
  }

  /** With the global records at {@code /vitess/global}. */
  public ClusterOptions(
      Path directory,
      Engine engine,
      Layout layout,
      Map<String, MysqlEndpoint> databases,
      @Nullable String kafka,
      @Nullable String registry,
      List<String> etcd) {
    this(directory, engine, layout, databases, kafka, registry, etcd, USUAL_ROOT);
  }

  /** The shop on MariaDB, everything embedded. */
  public static ClusterOptions in(Path directory) {
    return new ClusterOptions(
        directory, Engine.MARIADB, Layout.SHOP, Map.of(), null, null, List.of(), USUAL_ROOT);
  }

  /** These options with other tablets. */
  public ClusterOptions withLayout(Layout other) {
    return new ClusterOptions(
        directory, engine, other, databases, kafka, registry, etcd, globalRoot);
  }

  /** These options without tablets and databases: services beside what is there. */
  public ClusterOptions withoutTablets() {
    return withLayout(new Layout(layout.cell(), List.of()));
  }

  /** These options with the global records elsewhere in etcd. */
  public ClusterOptions withGlobalRoot(String root) {
    return new ClusterOptions(directory, engine, layout, databases, kafka, registry, etcd, root);
  }

  /** These options with other databases. */
  public ClusterOptions withEngine(Engine other) {
    return new ClusterOptions(
        directory, other, layout, databases, kafka, registry, etcd, globalRoot);
  }

  /** These options with databases of the user's, JDBC addresses by {@code keyspace/shard}. */
  public ClusterOptions withDatabases(Map<String, String> jdbcUrls) {
    Map<String, MysqlEndpoint> endpoints = new TreeMap<>();
    jdbcUrls.forEach((name, url) -> endpoints.put(name, JdbcUrl.parse(url)));
    return new ClusterOptions(
        directory, engine, layout, endpoints, kafka, registry, etcd, globalRoot);
  }

  /** These options with servers of the user's; null and empty mean the embedded ones. */
  public ClusterOptions withServers(
      @Nullable String otherKafka, @Nullable String otherRegistry, List<String> otherEtcd) {
    return new ClusterOptions(
        directory, engine, layout, databases, otherKafka, otherRegistry, otherEtcd, globalRoot);
  }
}

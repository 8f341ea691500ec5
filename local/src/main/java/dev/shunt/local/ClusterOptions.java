package dev.shunt.local;

import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlEndpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
    if (directory.toString().contains(",") || directory.toString().contains(":")) {
      throw new IllegalArgumentException(
          "the folder %s has a ',' or a ':' in its path, where Kafka and the databases take several"
                  .formatted(directory)
              + " folders to be named: take another");
    }
    databases = Map.copyOf(databases);
    etcd = List.copyOf(etcd);
    List<String> places = layout.places().stream().map(Layout.Place::name).toList();
    for (String name : databases.keySet()) {
      if (!places.contains(name)) {
        throw new IllegalArgumentException(
            "no tablet for the database of %s; there are %s".formatted(name, places));
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

  /** These options with data at another place. */
  public ClusterOptions withDirectory(Path other) {
    return new ClusterOptions(other, engine, layout, databases, kafka, registry, etcd, globalRoot);
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

  /**
   * These options with exactly the shards that are named, in place of the demo's.
   *
   * @param given databases of the user's by {@code keyspace/shard}
   * @param started further shards, {@code keyspace/shard} each, whose databases are started
   * @throws IllegalArgumentException when the shards of a keyspace don't hold every key once, a
   *     name is malformed or given twice, or two shards have the same database
   */
  public ClusterOptions withShards(Map<String, MysqlEndpoint> given, Collection<String> started) {
    Map<String, MysqlEndpoint> endpoints = new TreeMap<>();
    Map<String, String> shards = new HashMap<>();
    List<String> names = new ArrayList<>(started);
    given.forEach((name, endpoint) -> {
      names.add(name);
      endpoints.put(NamedShards.canonical(name), endpoint);
      String before = shards.put(endpoint.address() + "/" + endpoint.database(), name);
      if (before != null) {
        throw new IllegalArgumentException(
            "%s and %s have the same database, %s on %s"
                .formatted(before, name, endpoint.database(), endpoint.address()));
      }
    });
    return new ClusterOptions(
        directory, engine, Layout.named(names), endpoints, kafka, registry, etcd, globalRoot);
  }

  /** These options with servers of the user's; null and empty mean the embedded ones. */
  public ClusterOptions withServers(
      @Nullable String otherKafka, @Nullable String otherRegistry, List<String> otherEtcd) {
    return new ClusterOptions(
        directory, engine, layout, databases, otherKafka, otherRegistry, otherEtcd, globalRoot);
  }
}

package dev.shunt.local;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.service.KafkaSettings;
import dev.shunt.topo.Topo;
import java.util.Map;

/** A running cluster on this machine, in one JVM or in several processes. */
public interface LocalCluster extends AutoCloseable {
  /** Which tablets it has. */
  Layout layout();

  /** Where Kafka and the schema registry are. */
  KafkaSettings kafka();

  /** The topology; stays the cluster's to close. */
  Topo topo();

  /** Databases with the tablet's database as default, by {@code keyspace/shard}. */
  Map<String, MysqlEndpoint> databases();

  /** Where everything listens, in the form that {@code shunt up} prints. */
  Endpoints endpoints();

  /**
   * Kills one of several instances of a service, as {@code kill -9}.
   *
   * @param service name of the service
   * @param instance the one that has this name in its events; empty for any
   * @return whether there was one to kill: false where the services share a JVM
   */
  boolean kill(String service, String instance);

  @Override
  void close();
}

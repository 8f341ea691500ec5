package dev.shunt.mysql;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/** What servers of a flavor say of their sources and replicas, by which statements. */
public interface ReplicationStatements {
  /** Shows the connection, without a name, by which a server is a replica. */
  String status();

  /**
   * Shows all connections by which a server is a replica: the first of these that it takes, of its
   * version or another.
   */
  List<String> allStatuses();

  /** Shows where the binary log ends: the first of these that the server takes. */
  List<String> logStatus();

  /** Shows the replicas that registered. */
  String replicas();

  /** Lets all replicated changes through, while it runs; none where that takes a restart. */
  List<String> clearFilters();

  /** Variables that keep others from writing, in the order in which they are set. */
  List<String> readOnly();

  /**
   * Whether a replica finds its place in its source's log by GTIDs.
   *
   * @param status value of a column of {@link #status()}, by MySQL's names of today; empty where it
   *     is NULL or missing
   */
  boolean usesGtids(UnaryOperator<String> status);

  /** After how many seconds of silence a replica's source says something; empty when not known. */
  OptionalDouble heartbeatSeconds(MysqlConnection connection);

  /** The server's UUID; empty where servers have none. */
  String uuid(MysqlConnection connection);

  /** Distinguishes servers, if another one answers at the address. */
  String identity(MysqlConnection connection);
}

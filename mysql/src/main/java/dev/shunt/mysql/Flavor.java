package dev.shunt.mysql;

import java.util.List;

/**
 * A family of servers: all in which MySQL, MariaDB and those that come after them differ, as far as
 * it matters here. Nobody asks which one a server is; who needs to know something asks for that.
 *
 * <pre>
 *   Flavor ─┬─ positions()    GTIDs: how they are written, where a server is, waiting for it
 *           ├─ sessions()     what is set in sessions of our own
 *           ├─ statements()   what differs in the language
 *           ├─ catalog()      what information_schema says
 *           ├─ replication()  what a server says of its source and its replicas
 *           ├─ privileges()   what an account must have been granted
 *           └─ binaryLog()    how it is read, and what its events leave open
 * </pre>
 *
 * <p>One more is a class that implements this, with the parts in which it differs and those of
 * another for the rest, and its place in {@link #KNOWN}. Flavors have no state.
 */
public interface Flavor {
  /** MySQL 5.6 and later, with UUID based GTID sets. */
  Flavor MYSQL = new MysqlFlavor();

  /** MariaDB 10 and later, with domain-server-sequence GTIDs. */
  Flavor MARIADB = new MariaDbFlavor();

  /** All of them; of a server the last one that takes its version is the right one. */
  List<Flavor> KNOWN = List.of(MYSQL, MARIADB);

  /** The flavor of a server, by the version of its greeting. */
  static Flavor ofVersion(String version) {
    return KNOWN.reversed().stream()
        .filter(flavor -> flavor.takes(version))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no flavor takes version " + version));
  }

  /** Whether a server with this version, as its greeting has it, may be of this flavor. */
  boolean takes(String version);

  /** Whether servers of a version are known to do what Shunt needs. */
  boolean isSupported(int major, int minor);

  /** How positions are written, read and awaited. */
  GtidPositions positions();

  /** What is set in sessions. */
  SessionStatements sessions();

  /** What differs in the language. */
  SqlDialect statements();

  /** What is asked of information_schema. */
  Catalog catalog();

  /** What a server says of its source and its replicas. */
  ReplicationStatements replication();

  /** Names of privileges. */
  Privileges privileges();

  /** The binary log. */
  BinaryLog binaryLog();
}

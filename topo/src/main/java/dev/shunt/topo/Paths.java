package dev.shunt.topo;

import io.vitess.proto.Topodata;
import java.util.Locale;
import java.util.Optional;

/** Where records are, as Vitess places them; and which names can stand in a path. */
final class Paths {
  static final String CELLS = "cells/";
  static final String KEYSPACES = "keyspaces/";
  static final String TABLETS = "tablets/";
  static final String ROUTING_RULES = "RoutingRules";
  static final String SHARD_ROUTING_RULES = "ShardRoutingRules";
  static final String KEYSPACE_ROUTING_RULES = "routing_rules/keyspace/Rules";
  static final String MIRROR_RULES = "MirrorRules";
  static final String SRV_VSCHEMA = "SrvVSchema";
  static final String NAMED_LOCKS = "internal/named_locks/";

  /** Our own, beside Vitess's records: which life of the store it is. */
  static final String EPOCH = "shunt/Epoch";

  private Paths() {}

  static String cellInfo(String cell) {
    return CELLS + name("cell", cell) + "/CellInfo";
  }

  static String keyspace(String keyspace) {
    return keyspaceDirectory(keyspace) + "/Keyspace";
  }

  static String keyspaceDirectory(String keyspace) {
    return KEYSPACES + name("keyspace", keyspace);
  }

  static String vschema(String keyspace) {
    return keyspaceDirectory(keyspace) + "/VSchema";
  }

  static String srvKeyspace(String keyspace) {
    return keyspaceDirectory(keyspace) + "/SrvKeyspace";
  }

  static String shards(String keyspace) {
    return keyspaceDirectory(keyspace) + "/shards/";
  }

  static String shard(String keyspace, String shard) {
    return shards(keyspace) + name("shard", shard) + "/Shard";
  }

  static String shardReplication(String keyspace, String shard) {
    return shards(keyspace) + name("shard", shard) + "/ShardReplication";
  }

  static String tablet(Topodata.TabletAlias alias) {
    return TABLETS + alias(alias) + "/Tablet";
  }

  /** {@code cell-uid}, the uid padded to ten digits. */
  static String alias(Topodata.TabletAlias alias) {
    return String.format(
        Locale.ROOT,
        "%s-%010d",
        name("cell", alias.getCell()),
        Integer.toUnsignedLong(alias.getUid()));
  }

  static String namedLock(String lock) {
    for (String part : lock.split("/", -1)) {
      String unused = name("lock", part);
    }
    return NAMED_LOCKS + lock;
  }

  /** The name between prefix and suffix when the path is {@code prefix<name>suffix}. */
  static Optional<String> between(String path, String prefix, String suffix) {
    if (!path.startsWith(prefix)
        || !path.endsWith(suffix)
        || path.length() <= prefix.length() + suffix.length()) {
      return Optional.empty();
    }
    String name = path.substring(prefix.length(), path.length() - suffix.length());
    return name.contains("/") ? Optional.empty() : Optional.of(name);
  }

  /** Whether the path is that of a lock: {@code <directory>/locks/<lease id>}. */
  static boolean isLock(String path) {
    int last = path.lastIndexOf('/');
    return last > 0
        && path.substring(0, last).endsWith("/locks")
        && last + 1 < path.length()
        && path.chars().skip(last + 1L).allMatch(c -> c >= '0' && c <= '9');
  }

  /** What the lock with this key locks. */
  static String locked(String lockKey) {
    return lockKey.substring(0, lockKey.lastIndexOf("/locks/"));
  }

  /** The name itself when it can stand in a path, else INVALID. */
  static String name(String what, String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new TopoException(TopoException.Kind.INVALID, what + " name is empty or dots");
    }
    if (!name.chars().allMatch(c -> c > ' ' && c != '/' && c != 127)) {
      throw new TopoException(
          TopoException.Kind.INVALID,
          what + " name must not have slashes, blanks or control characters: " + name);
    }
    return name;
  }
}

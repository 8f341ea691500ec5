package dev.shunt.topowatcher;

import dev.shunt.topo.Aliases;
import io.vitess.proto.Topodata;

/** A tablet that is the primary of its shard. */
record Primary(String keyspace, String shard, Topodata.Tablet tablet) {
  static String alias(Topodata.TabletAlias alias) {
    return Aliases.text(alias);
  }

  /** As {@code zone1-0000000200}. */
  String alias() {
    return alias(tablet.getAlias());
  }

  /** Whether the other is reached in the same way. */
  boolean sameAddress(Primary other) {
    return keyspace.equals(other.keyspace)
        && shard.equals(other.shard)
        && tablet.getHostname().equals(other.tablet.getHostname())
        && tablet.getPortMapMap().equals(other.tablet.getPortMapMap());
  }
}

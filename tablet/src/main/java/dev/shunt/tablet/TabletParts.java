package dev.shunt.tablet;

import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.topo.Topo;

/** Makes the parts of a tablet that read and write streams. */
public interface TabletParts {
  /**
   * What a tablet gives to its parts.
   *
   * @param identity which tablet it is
   * @param endpoint its database server, with the tablet's database as default
   * @param topo the topology
   */
  record Context(TabletIdentity identity, MysqlEndpoint endpoint, Topo topo) {}

  /** The source side of streams. */
  VStreamer streamer(Context context);

  /** The target side of streams. */
  VReplicationEngine engine(Context context);
}

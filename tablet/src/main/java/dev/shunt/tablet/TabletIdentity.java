package dev.shunt.tablet;

import dev.shunt.topo.Aliases;
import io.vitess.proto.Topodata;

/**
 * Which tablet this is.
 *
 * @param alias cell and number, unique in the cluster
 * @param keyspace keyspace it serves
 * @param shard shard it serves
 * @param database name of the MySQL database that holds the shard's tables
 * @param sidecar name of the database that holds the tablet's own tables, {@code _vt} by default
 */
public record TabletIdentity(
    Topodata.TabletAlias alias, String keyspace, String shard, String database, String sidecar) {

  /** The same tablet, its database spelled in another way. */
  public TabletIdentity withDatabase(String spelled) {
    return new TabletIdentity(alias, keyspace, shard, spelled, sidecar);
  }

  /** The cell the tablet is in. */
  public String cell() {
    return alias.getCell();
  }

  /** The alias as text, for instance {@code zone1-0000000100}. */
  public String aliasText() {
    return Aliases.text(alias);
  }
}

package dev.shunt.topo;

import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import vschema.Vschema;

/**
 * The topology of a cluster in Vitess's layout. All calls block; records that are not there come
 * back empty, writes that can't take place throw {@link TopoException}.
 */
public interface Topo extends AutoCloseable {
  /** Name of the cell that holds the global records. */
  String GLOBAL_CELL = "global";

  // --- cells -------------------------------------------------------------------------------

  /**
   * Adds a cell; NODE_EXISTS when there is one of that name, INVALID when what is said of it leads
   * to no server that answers.
   */
  void createCell(String cell, Topodata.CellInfo info);

  /**
   * Changes where a cell is, or adds it; INVALID when what is said of it leads to no server that
   * answers.
   *
   * @param change gets what is stored, or an empty record
   */
  Topodata.CellInfo updateCell(String cell, UnaryOperator<Topodata.CellInfo> change);

  /**
   * Forgets a cell; nothing in the cell itself changes. NO_NODE when there is none of that name,
   * INVALID when keyspaces are served or tablets registered there.
   *
   * @param force whether to do it all the same, also when the cell can't be reached
   */
  void deleteCell(String cell, boolean force);

  /** A cell's address and root. */
  Optional<Topodata.CellInfo> cell(String cell);

  /** Names of all cells, sorted. */
  List<String> cells();

  // --- keyspaces and shards ----------------------------------------------------------------

  /** Creates a keyspace with an empty VSchema; NODE_EXISTS when there is one of that name. */
  void createKeyspace(String keyspace, Topodata.Keyspace record);

  /** A keyspace. */
  Optional<Versioned<Topodata.Keyspace>> keyspace(String keyspace);

  /** Names of all keyspaces, sorted. */
  List<String> keyspaces();

  /**
   * Creates a shard; its key range follows from its name, it serves unless it overlaps a serving
   * one. NO_NODE without the keyspace, NODE_EXISTS when it is there.
   */
  Versioned<Topodata.Shard> createShard(String keyspace, String shard);

  /** A shard. */
  Optional<Versioned<Topodata.Shard>> shard(String keyspace, String shard);

  /** All shards of a keyspace by name, in the order of their key ranges. */
  SortedMap<String, Versioned<Topodata.Shard>> shards(String keyspace);

  /** Reads, changes and writes a shard until no other writer came between. */
  Topodata.Shard updateShard(String keyspace, String shard, UnaryOperator<Topodata.Shard> change);

  /**
   * Removes a shard, then the records of its tablets in all cells; what is not there any more is
   * passed over, so that it can be done again. INVALID when a cell serves the shard.
   *
   * @param guards locks without which the shard is not removed
   */
  void deleteShard(Collection<TopoLock> guards, String keyspace, String shard);

  // --- tablets -----------------------------------------------------------------------------

  /**
   * Writes a tablet's record and its shard's replication record; a PRIMARY also becomes the primary
   * of its shard and the keyspace's SrvKeyspace in its cell is rebuilt.
   */
  void registerTablet(Topodata.Tablet tablet);

  /** Removes a tablet's record and its place in the replication record. */
  void deleteTablet(Topodata.TabletAlias alias);

  /** A tablet. */
  Optional<Versioned<Topodata.Tablet>> tablet(Topodata.TabletAlias alias);

  /**
   * Tablets of all cells, sorted by alias; UNAVAILABLE when one of the cells can't be reached. What
   * can do without the tablets of such a cell asks {@link Cells#tablets}.
   */
  List<Topodata.Tablet> tablets();

  /** Tablets of a shard in all cells, as {@link #tablets()}. */
  List<Topodata.Tablet> tablets(String keyspace, String shard);

  /** Tablets of a cell, sorted by alias; none when there is no such cell. */
  List<Topodata.Tablet> tabletsIn(String cell);

  /**
   * The tablet that is the primary of a shard. UNAVAILABLE names the cell of its record when that
   * can't be reached.
   */
  Optional<Topodata.Tablet> primary(String keyspace, String shard);

  // --- serving graph, vschema, rules -------------------------------------------------------

  /** What a cell serves of a keyspace. */
  Optional<Versioned<Topodata.SrvKeyspace>> srvKeyspace(String cell, String keyspace);

  /** Recomputes a keyspace's SrvKeyspace in the given cells, or in all when none is given. */
  void rebuildSrvKeyspace(String keyspace, Collection<String> cells);

  /**
   * Reads, changes and writes what a cell serves of a keyspace until no other writer came between.
   * The record is written also when nothing changes in it: a holder of the locks before this one
   * that only sleeps finds that it has changed, and then that its lock is lost.
   *
   * @param guards locks without which nothing is written, in whatever store they are: LOCK_LOST
   * @param change gets what is stored, or an empty record
   */
  Topodata.SrvKeyspace updateSrvKeyspace(
      Collection<TopoLock> guards,
      String cell,
      String keyspace,
      UnaryOperator<Topodata.SrvKeyspace> change);

  /** A keyspace's VSchema. */
  Optional<Versioned<Vschema.Keyspace>> vschema(String keyspace);

  /** Writes a keyspace's VSchema; NO_NODE without the keyspace. Does not rebuild SrvVSchema. */
  void saveVSchema(String keyspace, Vschema.Keyspace vschema);

  /** What a cell knows of all VSchemas and rules. */
  Optional<Versioned<Vschema.SrvVSchema>> srvVSchema(String cell);

  /** Recomputes SrvVSchema in the given cells, or in all when none is given. */
  void rebuildSrvVSchema(Collection<String> cells);

  /** Table routing rules; empty when there are none. Version 0 means no record. */
  Versioned<Vschema.RoutingRules> routingRules();

  /** Reads, changes and writes the table routing rules; an empty result removes the record. */
  void updateRoutingRules(UnaryOperator<Vschema.RoutingRules> change);

  /** Shard routing rules; empty when there are none. Version 0 means no record. */
  Versioned<Vschema.ShardRoutingRules> shardRoutingRules();

  /** Reads, changes and writes the shard routing rules. */
  void updateShardRoutingRules(UnaryOperator<Vschema.ShardRoutingRules> change);

  // --- locks and guarded writes ------------------------------------------------------------

  /** Locks a keyspace, waiting for at most {@code wait}. */
  default TopoLock lockKeyspace(String keyspace, String action, Duration ttl, Duration wait) {
    return lockKeyspace(keyspace, action, ttl, LockWait.of(wait));
  }

  /** Locks a keyspace; TIMEOUT names the holder when it was waited for long enough. */
  TopoLock lockKeyspace(String keyspace, String action, Duration ttl, LockWait wait);

  /** Takes the named lock, for instance {@code customer/c2c}, waiting for at most {@code wait}. */
  default TopoLock lockName(String name, String action, Duration ttl, Duration wait) {
    return lockName(name, action, ttl, LockWait.of(wait));
  }

  /** Takes the named lock; TIMEOUT names the holder when it was waited for long enough. */
  TopoLock lockName(String name, String action, Duration ttl, LockWait wait);

  /** Who holds or waits for global locks: of each path the first one holds it. */
  List<LockHolder> locks();

  /**
   * Takes a global lock away from whoever holds it or waits for it: a holder that is alive loses it
   * and can write no more under it.
   *
   * @param key the key of the lock, as {@link #locks()} names it
   * @return false when there is no such key any more
   */
  boolean breakLock(String key);

  /**
   * Reads, changes and writes several global records in one transaction that takes place only while
   * all the given locks are held. Retried when another writer came between; LOCK_LOST when a lock
   * is gone, and then nothing is written.
   */
  void transact(Collection<TopoLock> guards, Consumer<TopoTransaction> change);

  /** In which life the store of the global records is, as of now. */
  StoreLife life();

  /**
   * Begins another life of the store when it is in the given one: for who finds that the store was
   * put back to an earlier state, since a token that it once gave is newer than its newest.
   *
   * @param after that token; those of the new life are greater
   */
  void endLife(String epoch, long after);

  // --- watches -----------------------------------------------------------------------------

  /**
   * Delivers every record below a path prefix: first the present ones, then each change, in order,
   * on a thread of its own. Reconnects by itself and then delivers the present records again.
   *
   * @return closes the watch
   */
  default AutoCloseable watch(String cell, String prefix, Consumer<TopoEvent> listener) {
    return watch(cell, prefix, listener, () -> {});
  }

  /**
   * As {@link #watch(String, String, Consumer)}.
   *
   * @param synced called on the same thread each time when all present records have been delivered;
   *     what was not delivered by the first time is not there
   */
  AutoCloseable watch(String cell, String prefix, Consumer<TopoEvent> listener, Runnable synced);

  @Override
  void close();
}

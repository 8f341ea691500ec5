package dev.shunt.cluster;

import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.ServedShards;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import dev.shunt.workflow.sharding.KeyRange;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.SrvKeyspace;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Traffic of shards goes where cells say that a keyspace is served. Writes go to the shards whose
 * records say that their primary serves; cells follow these records. While a switch of writes is
 * not decided the records of the source shards deny all tables, as those of moved tables deny
 * these: in one transaction of the global topology, under the locks, whichever tablet becomes
 * primary.
 *
 * <pre>
 *            source shards           target shards
 *  before    serve                   don't serve
 *  deny      serve, deny all tables  don't serve
 *  routing   don't serve             serve
 * </pre>
 *
 * A write to a cell is guarded like this, as the cell may be a store of its own: the record is
 * read, then the locks are looked at, then it is written if it is as it was. Who sleeps in between
 * and loses its locks finds the record changed, since its successor writes it in any case before it
 * relies on it.
 */
final class ShardTraffic implements Traffic {
  private final Topo topo;
  private final Cells cells;
  private final ShardMigration migration;

  ShardTraffic(Topo topo, Cells cells, ShardMigration migration) {
    this.topo = topo;
    this.cells = cells;
    this.migration = migration;
  }

  @Override
  public SwitchableMigration migration() {
    return migration;
  }

  @Override
  public Observed observe() {
    List<String> serving = serving(topo.shards(migration.keyspace()));
    Cells.Answers<SrvKeyspace> answers = cells.srvKeyspaces(migration.keyspace());
    SrvKeyspace soon = SrvKeyspace.getDefaultInstance();
    for (TabletType type : List.of(TabletType.PRIMARY, TabletType.REPLICA, TabletType.RDONLY)) {
      soon = ServedShards.moved(soon, type, List.of(), serving);
    }
    // All serve at the same moment, as their records are written in one transaction.
    boolean writesSwitched = migration.sourceShards().stream().noneMatch(serving::contains);
    return new Observed(
        TrafficState.ofShards(migration, answers.orElse(soon), writesSwitched),
        List.copyOf(answers.silent().keySet()));
  }

  /** Names of the shards whose records say that their primary serves. */
  static List<String> serving(Map<String, Versioned<Topodata.Shard>> shards) {
    return shards.entrySet().stream()
        .filter(shard -> shard.getValue().value().getIsPrimaryServing())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Either all source shards serve, or all target shards do, and none of the others. */
  @Override
  public void requireOwnRoutes() {
    List<String> serving = serving(topo.shards(migration.keyspace()));
    List<String> ours = new ArrayList<>(migration.sourceShards());
    ours.addAll(migration.targetShards());
    List<String> found = serving.stream().filter(ours::contains).toList();
    if (!Set.copyOf(found).equals(Set.copyOf(migration.sourceShards()))
        && !Set.copyOf(found).equals(Set.copyOf(migration.targetShards()))) {
      throw Refusal.failedPrecondition(
              "of the shards of the workflow %s serve in keyspace %s, which is neither all of %s nor"
                  + " all of %s: put that right first, for instance with SetShardIsPrimaryServing",
              found, migration.keyspace(), migration.sourceShards(), migration.targetShards())
          .exception();
    }
  }

  /** A shard that does not serve serves nothing of it. */
  @Override
  public boolean deniesSome(String shard, Topodata.Shard record) {
    return !record.getIsPrimaryServing() || DeniedTables.of(record).contains(DeniedTables.ALL);
  }

  @Override
  public boolean deniesAll(String shard, Topodata.Shard record) {
    return deniesSome(shard, record);
  }

  @Override
  public void deny(Collection<TopoLock> guards, String keyspace, Collection<String> shards)
      throws Exception {
    each(guards, shards, record -> DeniedTables.denied(record, List.of(DeniedTables.ALL)));
  }

  @Override
  public void allow(Collection<TopoLock> guards, String keyspace, Collection<String> shards)
      throws Exception {
    each(guards, shards, record -> DeniedTables.allowed(record, List.of(DeniedTables.ALL)));
  }

  private void each(
      Collection<TopoLock> guards,
      Collection<String> shards,
      UnaryOperator<Topodata.Shard> change) {
    topo.transact(
        guards,
        transaction ->
            shards.forEach(shard -> transaction.shard(migration.keyspace(), shard, change)));
  }

  /** Cells that serve nothing of the keyspace are left alone, as by Vitess. */
  @Override
  public void routeReads(Collection<TopoLock> guards, Set<ReadType> types, Collection<String> in)
      throws Exception {
    List<String> serving = serving(topo.shards(migration.keyspace()));
    boolean home = serving.containsAll(migration.targetShards());
    change(
        guards,
        in.isEmpty() ? topo.cells() : in,
        present -> {
          SrvKeyspace changed = present;
          for (ReadType type : types) {
            changed = readsMoved(changed, type.tabletType(), home);
          }
          return changed;
        });
  }

  /**
   * Where reads go apart from writes, the shards that they leave are kept from serving them by
   * controls beside them; with them nothing has to.
   *
   * @param home whether reads go to the shards that writes go to
   */
  private SrvKeyspace readsMoved(SrvKeyspace served, TabletType type, boolean home) {
    List<String> from = migration.sourceShards();
    List<String> to = migration.targetShards();
    SrvKeyspace controlled =
        home
            ? ServedShards.uncontrolled(ServedShards.uncontrolled(served, type, from), type, to)
            : ServedShards.controlled(
                ServedShards.controlled(served, type, from, true), type, to, false);
    return ServedShards.moved(controlled, type, from, to);
  }

  /** The records of all shards in one transaction; cells are told next. */
  @Override
  public void routeWrites(
      Collection<TopoLock> guards,
      Collection<String> sources,
      Collection<String> targets,
      Collection<String> denying)
      throws Exception {
    if (!range(sources).equals(range(targets))) {
      throw new TopoException(
          TopoException.Kind.INVALID,
          "shards %s and %s of keyspace %s do not have the same keyspace ids"
              .formatted(sources, targets, migration.keyspace()));
    }
    topo.transact(
        guards,
        transaction -> {
          for (String shard : sources) {
            boolean denies = denying.contains(shard);
            transaction.shard(
                migration.keyspace(), shard, record -> serving(record, false, denies));
          }
          for (String shard : targets) {
            transaction.shard(migration.keyspace(), shard, record -> serving(record, true, false));
          }
        });
  }

  private static Optional<KeyRange> range(Collection<String> shards) {
    return KeyRange.union(shards.stream().map(KeyRange::ofShard).toList());
  }

  /**
   * Without the denial of a pause, as that it serves or not says it all to a primary of ours. One
   * that does not know that goes on denying: a cell that has not heard of the switch sends it
   * writes, which nobody would ever see again.
   */
  private static Topodata.Shard serving(Topodata.Shard record, boolean serves, boolean denies) {
    List<String> all = List.of(DeniedTables.ALL);
    Topodata.Shard changed =
        denies ? DeniedTables.denied(record, all) : DeniedTables.allowed(record, all);
    return changed.toBuilder().setIsPrimaryServing(serves).build();
  }

  /**
   * In each of the cells that serve the keyspace; the first failure is thrown once all have ended,
   * so that nothing is still on its way to a cell when what is done here is taken back.
   */
  private void change(
      Collection<TopoLock> guards, Collection<String> in, UnaryOperator<SrvKeyspace> change)
      throws Exception {
    Parallel.each(
        in,
        cell -> {
          if (topo.srvKeyspace(cell, migration.keyspace()).isPresent()) {
            var unused =
                topo.updateSrvKeyspace(
                    guards, cell, migration.keyspace(), served -> sound(cell, change, served));
          }
        });
  }

  /** What a mistake of ours or of others would make unreachable is not written. */
  private SrvKeyspace sound(String cell, UnaryOperator<SrvKeyspace> change, SrvKeyspace served) {
    return sound(cell, migration.keyspace(), change.apply(served));
  }

  /** What a cell is to serve of a keyspace, when it is whole. */
  static SrvKeyspace sound(String cell, String keyspace, SrvKeyspace changed) {
    ServedShards.fault(changed)
        .ifPresent(fault -> {
          throw new TopoException(
              TopoException.Kind.INVALID,
              "what cell %s would serve of keyspace %s is not whole: %s"
                  .formatted(cell, keyspace, fault));
        });
    return changed;
  }
}

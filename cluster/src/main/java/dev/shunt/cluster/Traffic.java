package dev.shunt.cluster;

import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import io.vitess.proto.Topodata;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Where the traffic of a migration goes, and what sends it elsewhere: one implementation a kind of
 * migration. What is written takes place only under the locks given with it; each change can be
 * made twice.
 */
public sealed interface Traffic permits TableTraffic, ShardTraffic {
  /** That of a migration. */
  static Traffic of(Topo topo, Cells cells, SwitchableMigration migration) {
    return switch (migration) {
      case TableMigration tables -> new TableTraffic(topo, cells, tables);
      case ShardMigration shards -> new ShardTraffic(topo, cells, shards);
    };
  }

  /**
   * Where it goes.
   *
   * @param state in the terms of the migration; a cell that can't be reached is taken to serve what
   *     the global records say: it will, once it can
   * @param silentCells cells that can't be reached, sorted
   */
  record Observed(TrafficState state, List<String> silentCells) {}

  /** The migration. */
  SwitchableMigration migration();

  /** Looks where it goes. */
  Observed observe();

  /** Where it goes, in the terms of the migration, as far as that is known. */
  default TrafficState state() {
    return observe().state();
  }

  /**
   * As {@link #state()}, where it matters what each cell serves.
   *
   * @throws RefusedException FAILED_PRECONDITION when a cell can't be reached
   */
  default TrafficState stateOfAllCells() {
    Observed observed = observe();
    if (!observed.silentCells().isEmpty()) {
      throw Refusal.failedPrecondition(
              "cell(s) %s can't be reached, so it is not known where their reads go: bring them back,"
                  + " or remove their records when they are gone for good",
              String.join(", ", observed.silentCells()))
          .exception();
    }
    return observed.state();
  }

  /**
   * Makes sure that no traffic of the migration is sent to a third place, which another workflow
   * would have done.
   *
   * @throws RefusedException FAILED_PRECONDITION with where it is sent
   */
  void requireOwnRoutes();

  /**
   * Whether the primary of a shard refuses some of what is moved.
   *
   * @param record the shard's
   */
  boolean deniesSome(String shard, Topodata.Shard record);

  /**
   * Whether the primary of a shard refuses all of what is moved.
   *
   * @param record the shard's
   */
  boolean deniesAll(String shard, Topodata.Shard record);

  /** The primaries of shards serve nothing of what is moved any more, once they take notice. */
  void deny(Collection<TopoLock> guards, String keyspace, Collection<String> shards)
      throws Exception;

  /** The primaries of shards serve what is moved, once they take notice. */
  void allow(Collection<TopoLock> guards, String keyspace, Collection<String> shards)
      throws Exception;

  /**
   * Reads of these types go to the target of the migration.
   *
   * @param cells where; all when empty. Where one record holds for all cells it is changed all the
   *     same, and cells differ by when they are told, see {@link Cluster#publishReads}
   */
  void routeReads(Collection<TopoLock> guards, Set<ReadType> types, Collection<String> cells)
      throws Exception;

  /**
   * Writes go to the target of the migration: the source denies them and the target doesn't.
   *
   * @param sources shards of the source that take part
   * @param targets shards of the target that take part
   * @param denying shards of the source whose record goes on denying all of it, as their primaries
   *     don't know by themselves that they serve it no more
   */
  void routeWrites(
      Collection<TopoLock> guards,
      Collection<String> sources,
      Collection<String> targets,
      Collection<String> denying)
      throws Exception;
}

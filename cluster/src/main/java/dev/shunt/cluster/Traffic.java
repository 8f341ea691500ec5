package dev.shunt.cluster;

import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoTransaction;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import io.vitess.proto.Topodata;
import java.util.List;
import java.util.Set;

/**
 * Where the traffic of a migration goes, and what sends it elsewhere: one implementation a kind of
 * migration. What is written becomes part of a transaction of the topology, so that it holds whole
 * or not at all; each change can be made twice.
 */
public sealed interface Traffic permits TableTraffic {
  /** That of a migration. */
  static Traffic of(Topo topo, Cells cells, SwitchableMigration migration) {
    return switch (migration) {
      case TableMigration tables -> new TableTraffic(topo, cells, tables);
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

  /** Whether the primary of a shard with this record refuses some of what is moved. */
  boolean deniesSome(Topodata.Shard record);

  /** Whether the primary of a shard with this record refuses all of what is moved. */
  boolean deniesAll(Topodata.Shard record);

  /** The primary of a shard serves nothing of what is moved any more. */
  void deny(TopoTransaction transaction, String keyspace, String shard);

  /** The primary of a shard serves what is moved. */
  void allow(TopoTransaction transaction, String keyspace, String shard);

  /** Reads of these types go to the target of the migration. */
  void routeReads(TopoTransaction transaction, Set<ReadType> types);

  /** Writes go to the target of the migration. */
  void routeWrites(TopoTransaction transaction);
}

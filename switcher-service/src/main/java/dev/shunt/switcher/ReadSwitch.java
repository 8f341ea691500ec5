package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Traffic;
import dev.shunt.saga.KeyspaceLocks;
import dev.shunt.saga.Run;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Switches reads: routing rules, then the serving VSchema of the cells. */
final class ReadSwitch {
  private final Cluster cluster;
  private final SwitchableMigration move;
  private final List<ReadType> types;
  private final List<String> cells;
  private final boolean publish;
  private @Nullable KeyspaceLocks locks;

  /**
   * @param move from where to where reads go
   * @param cells cells whose serving VSchema is rebuilt; all when empty
   * @param publish whether to rebuild it; writes that are switched next do so themselves
   */
  ReadSwitch(
      Cluster cluster,
      SwitchableMigration move,
      List<ReadType> types,
      List<String> cells,
      boolean publish) {
    this.cluster = cluster;
    this.move = move;
    this.types = types;
    this.cells = cells;
    this.publish = publish;
  }

  String lock(Run run) {
    locks =
        KeyspaceLocks.during(
            run, cluster.topo(), "SwitchReads", List.of(move.source(), move.target()));
    return "";
  }

  String unlock() {
    if (locks != null) {
      locks.close();
    }
    return "";
  }

  String write(Run run) throws Exception {
    route(run, move, types, cells);
    return publish ? cluster.publishReads(move, cells) : "";
  }

  /** Sends the reads that went the old way before there again. */
  void takeBack(Run run, ReadsBefore before) throws Exception {
    for (Map.Entry<ReadType, Set<String>> type : before.cells().entrySet()) {
      route(run, move.reversed(), List.of(type.getKey()), type.getValue());
    }
    String unused = cluster.publishReads(move, cells);
  }

  private void route(
      Run run, SwitchableMigration way, Collection<ReadType> which, Collection<String> in)
      throws Exception {
    if (which.isEmpty()) {
      return;
    }
    Traffic traffic = cluster.traffic(way);
    Set<ReadType> set = EnumSet.copyOf(which);
    List<TopoLock> guards = locks == null ? List.of(run.lock()) : locks.guards();
    traffic.routeReads(guards, set, in);
    cluster.refreshReaders(way);
  }
}

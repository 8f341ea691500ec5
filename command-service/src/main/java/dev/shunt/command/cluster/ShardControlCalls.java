package dev.shunt.command.cluster;

import dev.shunt.command.reading.DenialHolders;
import dev.shunt.command.reading.TabletAccess;
import dev.shunt.command.refusing.Refusals;
import dev.shunt.topo.Aliases;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoLock;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.routing.DeniedTables;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import vtctldata.Vtctldata;

/** The RPC on which tables the primary of a shard refuses to serve. */
public final class ShardControlCalls {
  private static final Duration TTL = Duration.ofSeconds(10);

  /** How long a keyspace's lock is waited for, as Vitess does. */
  private static final Duration WAIT = Duration.ofSeconds(45);

  private final Topo topo;
  private final TabletAccess tablets;
  private final DenialHolders holders;

  /** Works on a topology and its tablets. */
  public ShardControlCalls(Topo topo, TabletAccess tablets) {
    this.topo = topo;
    this.tablets = tablets;
    this.holders = new DenialHolders(topo, tablets);
  }

  /**
   * SetShardTabletControl, for denied tables of the PRIMARY: denies them, or, with remove, serves
   * them again, and has the primary know of it before it answers. For after a complete or cancel
   * that kept the data: what a workflow has denied that is still there is not served by hand.
   */
  public Vtctldata.SetShardTabletControlResponse set(
      Vtctldata.SetShardTabletControlRequest request) {
    check(request);
    String keyspace = request.getKeyspace();
    String name = request.getShard();
    try (TopoLock lock = topo.lockKeyspace(keyspace, "SetShardTabletControl", TTL, WAIT)) {
      if (request.getRemove()) {
        holders.refuse(keyspace, name, request.getDeniedTablesList());
      }
      topo.transact(
          List.of(lock),
          transaction ->
              transaction.shard(
                  keyspace,
                  name,
                  shard ->
                      request.getRemove()
                          ? DeniedTables.allowed(shard, request.getDeniedTablesList())
                          : DeniedTables.denied(shard, request.getDeniedTablesList())));
    }
    Topodata.Shard changed = shard(keyspace, name);
    refreshPrimary(changed);
    return Vtctldata.SetShardTabletControlResponse.newBuilder().setShard(changed).build();
  }

  private void check(Vtctldata.SetShardTabletControlRequest request) {
    if (request.getTabletType() != Topodata.TabletType.PRIMARY || request.getCellsCount() > 0) {
      throw Refusals.invalid(
          "tables are denied on the PRIMARY, in all cells: other tablet types and cells are not"
              + " supported");
    }
    if (request.getDisableQueryService()) {
      throw Refusals.invalid("disabling the query service is not supported: give denied tables");
    }
    if (request.getDeniedTablesList().stream().noneMatch(table -> !table.isBlank())) {
      throw Refusals.invalid("denied_tables is empty: name at least one table");
    }
    List<String> denied = DeniedTables.of(shard(request.getKeyspace(), request.getShard()));
    for (String table : request.getDeniedTablesList()) {
      if (request.getRemove() && !denied.contains(table)) {
        throw Refusals.invalid(
            "%s is not denied in %s/%s; denied are: %s"
                .formatted(
                    table,
                    request.getKeyspace(),
                    request.getShard(),
                    denied.isEmpty() ? "none" : String.join(", ", denied)));
      }
    }
  }

  private Topodata.Shard shard(String keyspace, String name) {
    return topo.shard(keyspace, name)
        .orElseThrow(
            () -> Refusals.noNode("keyspaces/%s/shards/%s/Shard".formatted(keyspace, name)))
        .value();
  }

  private void refreshPrimary(Topodata.Shard shard) {
    if (!shard.hasPrimaryAlias()) {
      return;
    }
    Optional<Topodata.Tablet> primary = topo.tablet(shard.getPrimaryAlias()).map(Versioned::value);
    tablets.refreshState(
        primary.orElseThrow(
            () -> Refusals.noNode("tablets/" + Aliases.text(shard.getPrimaryAlias()) + "/Tablet")));
  }
}

package dev.shunt.topo;

import static dev.shunt.topo.TopoException.Kind.INVALID;
import static dev.shunt.topo.TopoException.Kind.NO_NODE;

import dev.shunt.time.Time;
import dev.shunt.topo.TopoStore.Change;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.ShardReplication;
import io.vitess.proto.Topodata.Tablet;
import io.vitess.proto.Topodata.TabletAlias;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vttime.Vttime;

/** Records of tablets, and their places in those of their shards. */
final class TabletRecords {
  private static final Logger log = LoggerFactory.getLogger(TabletRecords.class);
  private static final Comparator<Tablet> BY_ALIAS =
      Comparator.<Tablet, String>comparing(tablet -> tablet.getAlias().getCell())
          .thenComparing(tablet -> Integer.toUnsignedLong(tablet.getAlias().getUid()));

  private final TopoStores stores;
  private final Topo topo;
  private final Time time;

  TabletRecords(TopoStores stores, Topo topo, Time time) {
    this.stores = stores;
    this.topo = topo;
    this.time = time;
  }

  void register(Tablet given) {
    Topodata.Shard shard =
        topo.shard(given.getKeyspace(), given.getShard())
            .orElseThrow(() -> StoreTopo.noShard(given.getKeyspace(), given.getShard()))
            .value();
    Tablet tablet = complete(given, shard);
    TopoStore cell = stores.cell(tablet.getAlias().getCell());
    if (tablet.getType() == Topodata.TabletType.PRIMARY) {
      // A shard must not name a primary that could not become it, as its cell is away.
      var unusedRecord = cell.get(Paths.tablet(tablet.getAlias()));
      var unused =
          topo.updateShard(
              tablet.getKeyspace(), tablet.getShard(), record -> withPrimary(record, tablet));
    }
    var unusedTablet =
        cell.commit(
            List.of(),
            Map.of(),
            List.of(new Change.Put(Paths.tablet(tablet.getAlias()), Records.bytes(tablet))));
    var unusedReplication =
        OptimisticWrite.put(
            cell,
            Paths.shardReplication(tablet.getKeyspace(), tablet.getShard()),
            ShardReplication.parser(),
            present ->
                withNode(present.orElse(ShardReplication.getDefaultInstance()), tablet.getAlias()));
    if (tablet.getType() == Topodata.TabletType.PRIMARY) {
      serve(tablet);
    }
  }

  /** A switch under way keeps what is served as it is; the tablet is registered all the same. */
  private void serve(Tablet tablet) {
    String cell = tablet.getAlias().getCell();
    try {
      topo.rebuildSrvKeyspace(tablet.getKeyspace(), List.of(cell));
    } catch (TopoException e) {
      if (e.kind() != INVALID) {
        throw e;
      }
      log.atWarn()
          .addKeyValue("tablet", Paths.alias(tablet.getAlias()))
          .addKeyValue("keyspace", tablet.getKeyspace())
          .addKeyValue("cell", cell)
          .addKeyValue("reason", e.getMessage())
          .log(
              "what the cell serves is left as it is; if it lacks the shard, RebuildKeyspaceGraph"
                  + " adds it when queries are enabled again");
    }
  }

  /** Adds what follows from the shard: its key range, and the start of a primary's term. */
  private Tablet complete(Tablet given, Topodata.Shard shard) {
    Tablet.Builder tablet = given.toBuilder();
    if (shard.hasKeyRange()) {
      tablet.setKeyRange(shard.getKeyRange());
    }
    if (given.getType() == Topodata.TabletType.PRIMARY && !given.hasPrimaryTermStartTime()) {
      boolean same = shard.hasPrimaryAlias() && shard.getPrimaryAlias().equals(given.getAlias());
      tablet.setPrimaryTermStartTime(
          same && shard.hasPrimaryTermStartTime() ? shard.getPrimaryTermStartTime() : now());
    }
    return tablet.build();
  }

  private Vttime.Time now() {
    Instant now = time.instant();
    return Vttime.Time.newBuilder()
        .setSeconds(now.getEpochSecond())
        .setNanoseconds(now.getNano())
        .build();
  }

  private static Topodata.Shard withPrimary(Topodata.Shard shard, Tablet tablet) {
    Vttime.Time term = tablet.getPrimaryTermStartTime();
    Vttime.Time present = shard.getPrimaryTermStartTime();
    if (shard.hasPrimaryAlias()
        && !shard.getPrimaryAlias().equals(tablet.getAlias())
        && instant(term).isBefore(instant(present))) {
      throw new TopoException(
          INVALID,
          "tablet "
              + Paths.alias(tablet.getAlias())
              + " cannot be the primary: "
              + Paths.alias(shard.getPrimaryAlias())
              + " has been since "
              + instant(present));
    }
    return shard.toBuilder()
        .setPrimaryAlias(tablet.getAlias())
        .setPrimaryTermStartTime(term)
        .build();
  }

  private static Instant instant(Vttime.Time time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanoseconds());
  }

  private static ShardReplication withNode(ShardReplication present, TabletAlias alias) {
    ShardReplication.Node node = ShardReplication.Node.newBuilder().setTabletAlias(alias).build();
    return present.getNodesList().contains(node)
        ? present
        : present.toBuilder().addNodes(node).build();
  }

  void delete(TabletAlias alias) {
    Tablet tablet =
        get(alias)
            .orElseThrow(() ->
                new TopoException(NO_NODE, "tablet " + Paths.alias(alias) + " does not exist"))
            .value();
    TopoStore cell = stores.cell(alias.getCell());
    Boolean unused =
        OptimisticWrite.run(
            cell,
            List.of(),
            updates -> {
              updates.remove(Paths.tablet(alias));
              updates.changeOrRemove(
                  Paths.shardReplication(tablet.getKeyspace(), tablet.getShard()),
                  ShardReplication.getDefaultInstance(),
                  present -> withoutNode(present, alias));
              return true;
            });
  }

  private static ShardReplication withoutNode(ShardReplication present, TabletAlias alias) {
    return present.toBuilder()
        .clearNodes()
        .addAllNodes(
            present.getNodesList().stream()
                .filter(node -> !node.getTabletAlias().equals(alias))
                .toList())
        .build();
  }

  Optional<Versioned<Tablet>> get(TabletAlias alias) {
    return stores
        .find(alias.getCell())
        .flatMap(store -> Records.read(store, Paths.tablet(alias), Tablet.parser()));
  }

  List<Tablet> all(Collection<String> cells) {
    List<Tablet> tablets = new ArrayList<>();
    for (String cell : cells) {
      tablets.addAll(all(stores.cell(cell)));
    }
    tablets.sort(BY_ALIAS);
    return tablets;
  }

  /** Tablets of a cell, sorted by alias. */
  static List<Tablet> all(TopoStore cell) {
    List<Tablet> tablets = new ArrayList<>();
    for (TopoStore.Entry entry : cell.list(Paths.TABLETS)) {
      if (Paths.between(entry.path(), Paths.TABLETS, "/Tablet").isPresent()) {
        tablets.add(Records.parse(entry, Tablet.parser()));
      }
    }
    tablets.sort(BY_ALIAS);
    return tablets;
  }
}

package dev.shunt.topo;

import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.SrvKeyspace;
import io.vitess.proto.Topodata.SrvKeyspace.KeyspacePartition;
import io.vitess.proto.Topodata.TabletType;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import vschema.Vschema;

/** Composes what cells serve from the global records. */
final class ServingGraph {
  private static final List<TabletType> SERVED =
      List.of(TabletType.PRIMARY, TabletType.REPLICA, TabletType.RDONLY);

  private ServingGraph() {}

  /**
   * A cell's SrvKeyspace. The PRIMARY partition references the shards whose primary serves. Other
   * partitions keep their references, since reads may have been switched, lose those to shards that
   * are gone and gain serving shards where nothing is referenced yet.
   *
   * @throws TopoException INVALID while a shard's query service is disabled: a switch is under way
   */
  static SrvKeyspace srvKeyspace(
      String keyspace,
      Topodata.Keyspace record,
      NavigableMap<String, Topodata.Shard> shards,
      SrvKeyspace present) {
    SrvKeyspace.Builder result = present.toBuilder().clearPartitions().clearThrottlerConfig();
    if (record.hasThrottlerConfig()) {
      result.setThrottlerConfig(record.getThrottlerConfig());
    }
    for (TabletType type : SERVED) {
      KeyspacePartition old =
          present.getPartitionsList().stream()
              .filter(partition -> partition.getServedType() == type)
              .findFirst()
              .orElse(KeyspacePartition.getDefaultInstance());
      if (old.getShardTabletControlsList().stream()
          .anyMatch(Topodata.ShardTabletControl::getQueryServiceDisabled)) {
        throw new TopoException(
            TopoException.Kind.INVALID,
            "cannot rebuild what serves keyspace "
                + keyspace
                + ": its query service is disabled for a shard, a switch is under way");
      }
      TreeSet<String> names = new TreeSet<>(ShardNames.ORDER);
      if (type != TabletType.PRIMARY) {
        old.getShardReferencesList().stream()
            .map(Topodata.ShardReference::getName)
            .filter(shards::containsKey)
            .forEach(names::add);
      }
      shards.forEach((name, shard) -> {
        if (shard.getIsPrimaryServing()
            && names.stream().noneMatch(other -> ShardNames.intersect(name, other))) {
          names.add(name);
        }
      });
      if (!names.isEmpty()) {
        result.addPartitions(partition(type, names, shards, old));
      }
    }
    return result.build();
  }

  private static KeyspacePartition partition(
      TabletType type,
      NavigableSet<String> names,
      NavigableMap<String, Topodata.Shard> shards,
      KeyspacePartition old) {
    KeyspacePartition.Builder partition = KeyspacePartition.newBuilder().setServedType(type);
    for (String name : names) {
      Topodata.Shard shard = shards.get(name);
      Topodata.ShardReference.Builder reference =
          Topodata.ShardReference.newBuilder().setName(name);
      if (shard != null && shard.hasKeyRange()) {
        reference.setKeyRange(shard.getKeyRange());
      }
      partition.addShardReferences(reference);
    }
    old.getShardTabletControlsList().stream()
        .filter(control -> names.contains(control.getName()))
        .forEach(partition::addShardTabletControls);
    return partition.build();
  }

  /** Reads all VSchemas and rules and composes a SrvVSchema of them. */
  static Vschema.SrvVSchema srvVSchema(TopoStore global) {
    TreeMap<String, Vschema.Keyspace> vschemas = new TreeMap<>();
    for (TopoStore.Entry entry : global.list(Paths.KEYSPACES)) {
      Paths.between(entry.path(), Paths.KEYSPACES, "/Keyspace")
          .ifPresent(name -> vschemas.putIfAbsent(name, Vschema.Keyspace.getDefaultInstance()));
      Paths.between(entry.path(), Paths.KEYSPACES, "/VSchema")
          .ifPresent(name -> vschemas.put(name, Records.parse(entry, Vschema.Keyspace.parser())));
    }
    Vschema.SrvVSchema.Builder result =
        Vschema.SrvVSchema.newBuilder()
            .putAllKeyspaces(vschemas)
            .setRoutingRules(
                Records.read(global, Paths.ROUTING_RULES, Vschema.RoutingRules.parser())
                    .map(Versioned::value)
                    .orElse(Vschema.RoutingRules.getDefaultInstance()))
            .setShardRoutingRules(
                Records.read(global, Paths.SHARD_ROUTING_RULES, Vschema.ShardRoutingRules.parser())
                    .map(Versioned::value)
                    .orElse(Vschema.ShardRoutingRules.getDefaultInstance()))
            .setMirrorRules(
                Records.read(global, Paths.MIRROR_RULES, Vschema.MirrorRules.parser())
                    .map(Versioned::value)
                    .orElse(Vschema.MirrorRules.getDefaultInstance()));
    Records.read(global, Paths.KEYSPACE_ROUTING_RULES, Vschema.KeyspaceRoutingRules.parser())
        .ifPresent(rules -> result.setKeyspaceRoutingRules(rules.value()));
    return result.build();
  }
}

package dev.shunt.workflow.routing;

import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.sharding.KeyRange;
import io.vitess.proto.Topodata.ShardReference;
import io.vitess.proto.Topodata.ShardTabletControl;
import io.vitess.proto.Topodata.SrvKeyspace;
import io.vitess.proto.Topodata.SrvKeyspace.KeyspacePartition;
import io.vitess.proto.Topodata.TabletType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Which shards of a keyspace a cell serves to a type of tablets, as its SrvKeyspace says: a
 * partition a type with references to the shards that share the keyspace ids, and controls that
 * keep tablets of a shard from serving. The changes are those of Vitess's topology server; each can
 * be made twice.
 */
public final class ServedShards {
  private ServedShards() {}

  /**
   * Lets tablets of some shards serve queries, or keeps them from it.
   *
   * @param disabled whether they serve none
   */
  public static SrvKeyspace controlled(
      SrvKeyspace present, TabletType type, Collection<String> shards, boolean disabled) {
    return changed(
        present,
        type,
        partition -> {
          for (String shard : shards) {
            control(partition, shard, disabled);
          }
          return partition;
        });
  }

  private static void control(KeyspacePartition.Builder partition, String shard, boolean disabled) {
    for (ShardTabletControl.Builder control : partition.getShardTabletControlsBuilderList()) {
      if (control.getName().equals(shard)) {
        control.setQueryServiceDisabled(disabled);
        return;
      }
    }
    ShardTabletControl.Builder added =
        ShardTabletControl.newBuilder().setName(shard).setQueryServiceDisabled(disabled);
    if (shard.contains("-")) {
      added.setKeyRange(KeyRange.ofShard(shard).toProto());
    }
    partition.addShardTabletControls(added);
  }

  /** What the cell serves without controls of these shards for a type. */
  public static SrvKeyspace uncontrolled(
      SrvKeyspace present, TabletType type, Collection<String> shards) {
    return changed(
        present,
        type,
        partition -> {
          List<ShardTabletControl> kept =
              partition.getShardTabletControlsList().stream()
                  .filter(control -> !shards.contains(control.getName()))
                  .toList();
          return partition.clearShardTabletControls().addAllShardTabletControls(kept);
        });
  }

  /** Sends a type's traffic of some shards to others. */
  public static SrvKeyspace moved(
      SrvKeyspace present, TabletType type, Collection<String> from, Collection<String> to) {
    return changed(
        present,
        type,
        partition -> {
          List<ShardReference> references = new ArrayList<>();
          for (ShardReference reference : partition.getShardReferencesList()) {
            if (!from.contains(reference.getName()) && !to.contains(reference.getName())) {
              references.add(reference);
            }
          }
          to.forEach(shard -> references.add(reference(shard)));
          references.sort(Comparator.comparing(ShardReference::getName, ShardMigration.ORDER));
          return partition.clearShardReferences().addAllShardReferences(references);
        });
  }

  /**
   * Sends writes to the shards that serve. Where they went elsewhere before, all controls go, of
   * reads too, since what they were for is over; else nothing changes.
   */
  public static SrvKeyspace writesServed(SrvKeyspace present, Collection<String> serving) {
    if (referenced(present, TabletType.PRIMARY).equals(Set.copyOf(serving))) {
      return present;
    }
    SrvKeyspace.Builder result =
        moved(present, TabletType.PRIMARY, referenced(present, TabletType.PRIMARY), serving)
            .toBuilder();
    result.getPartitionsBuilderList().forEach(KeyspacePartition.Builder::clearShardTabletControls);
    return result.build();
  }

  private static ShardReference reference(String shard) {
    ShardReference.Builder reference = ShardReference.newBuilder().setName(shard);
    if (shard.contains("-")) {
      reference.setKeyRange(KeyRange.ofShard(shard).toProto());
    }
    return reference.build();
  }

  private static SrvKeyspace changed(
      SrvKeyspace present, TabletType type, UnaryOperator<KeyspacePartition.Builder> change) {
    SrvKeyspace.Builder result = present.toBuilder();
    for (KeyspacePartition.Builder partition : result.getPartitionsBuilderList()) {
      if (partition.getServedType() == type) {
        KeyspacePartition unused = change.apply(partition).build();
        return result.build();
      }
    }
    return result
        .addPartitions(change.apply(KeyspacePartition.newBuilder().setServedType(type)))
        .build();
  }

  /** Whether the cell sends a type's traffic to a shard and its tablets serve it. */
  public static boolean serves(SrvKeyspace served, TabletType type, String shard) {
    return partition(served, type).stream()
            .flatMap(partition -> partition.getShardReferencesList().stream())
            .anyMatch(reference -> reference.getName().equals(shard))
        && !disabled(served, type, shard);
  }

  /** Whether tablets of a shard are kept from serving as a type. */
  public static boolean disabled(SrvKeyspace served, TabletType type, String shard) {
    return partition(served, type).stream()
        .flatMap(partition -> partition.getShardTabletControlsList().stream())
        .anyMatch(control -> control.getQueryServiceDisabled() && control.getName().equals(shard));
  }

  /** Names of the shards that a cell sends a type's traffic to. */
  public static Set<String> referenced(SrvKeyspace served, TabletType type) {
    return partition(served, type).stream()
        .flatMap(partition -> partition.getShardReferencesList().stream())
        .map(ShardReference::getName)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * What is wrong with what a cell serves: a type whose shards don't have every keyspace id, one
   * behind the other; empty when all is well. A keyspace that serves nothing yet is well.
   */
  public static Optional<String> fault(SrvKeyspace served) {
    for (KeyspacePartition partition : served.getPartitionsList()) {
      List<String> names =
          partition.getShardReferencesList().stream()
              .map(ShardReference::getName)
              .sorted(ShardMigration.ORDER)
              .toList();
      if (!names.isEmpty() && !whole(names)) {
        return Optional.of(
            "what serves %s, shards %s, does not have every keyspace id once"
                .formatted(partition.getServedType(), names));
      }
    }
    return Optional.empty();
  }

  private static boolean whole(Collection<String> shards) {
    return KeyRange.union(shards.stream().map(KeyRange::ofShard).toList())
        .filter(KeyRange::isFull)
        .isPresent();
  }

  private static Optional<KeyspacePartition> partition(SrvKeyspace served, TabletType type) {
    return served.getPartitionsList().stream()
        .filter(partition -> partition.getServedType() == type)
        .findFirst();
  }
}

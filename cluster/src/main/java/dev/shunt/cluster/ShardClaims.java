package dev.shunt.cluster;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.streams.StreamMessages;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;

/**
 * Finds the other workflows that have shards of a Reshard: with streams that write them, or with
 * streams anywhere in the cluster that read them. When the shards are replaced, some of these go on
 * with the new ones: streams that write the source are brought along by the switch, and streams
 * that read it follow its journal. The others would go on with what nobody writes any more.
 */
final class ShardClaims implements Claims {
  private final Cluster cluster;
  private final OtherWorkflows others;
  private final ShardMigration migration;
  private final String workflow;

  /**
   * Claims beside a workflow.
   *
   * @param migration the forward migration
   * @param workflow name of the forward workflow, which with its reverse does not count
   */
  ShardClaims(Cluster cluster, ShardMigration migration, String workflow) {
    this.cluster = cluster;
    this.others = new OtherWorkflows(cluster);
    this.migration = migration;
    this.workflow = workflow;
  }

  /**
   * A workflow with streams on a shard.
   *
   * @param keyspace where its streams write
   * @param shard the shard of it
   * @param found the streams
   */
  private record Neighbour(String keyspace, String shard, ReadVReplicationWorkflowResponse found) {
    String name() {
      return "workflow " + keyspace + "." + found.getWorkflow();
    }

    /** Shards of a keyspace that its streams read. */
    Set<String> reads(String of) {
      return found.getStreamsList().stream()
          .map(ReadVReplicationWorkflowResponse.Stream::getBls)
          .filter(source -> source.getKeyspace().equals(of))
          .map(source -> source.getShard())
          .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether an interrupted switch has only written it for the shard, and begun nothing. */
    boolean isDraft() {
      return found.getStreamsList().stream()
          .allMatch(stream ->
              stream.getMessage().equals(StreamMessages.DRAFT)
                  && stream.getState() == VReplicationWorkflowState.Stopped);
    }

    /** Whether streams of its kind may go on with other shards than those they were made for. */
    boolean isMovable() {
      VReplicationWorkflowType type = found.getWorkflowType();
      return type == VReplicationWorkflowType.Materialize
          || type == VReplicationWorkflowType.CreateLookupIndex;
    }
  }

  @Override
  public SortedMap<String, Set<String>> all() throws Exception {
    SortedMap<String, Set<String>> claims = new TreeMap<>();
    for (Neighbour neighbour : neighbours()) {
      Set<String> by = Set.of(neighbour.name());
      if (writesSource(neighbour) || writesTarget(neighbour)) {
        OtherWorkflows.add(claims, neighbour.shard(), by);
      }
      read(neighbour).forEach(shard -> OtherWorkflows.add(claims, shard, by));
    }
    return claims;
  }

  /** Those that can't go on with the new shards, with why. */
  @Override
  public SortedMap<String, Set<String>> streams() throws Exception {
    SortedMap<String, Set<String>> claims = new TreeMap<>();
    for (Neighbour neighbour : neighbours()) {
      String obstacle = obstacle(neighbour);
      if (obstacle.isEmpty()) {
        continue;
      }
      Set<String> by = Set.of(neighbour.name() + ", which " + obstacle);
      if (writesSource(neighbour) || writesTarget(neighbour)) {
        OtherWorkflows.add(claims, neighbour.shard(), by);
      } else {
        read(neighbour).forEach(shard -> OtherWorkflows.add(claims, shard, by));
      }
    }
    return claims;
  }

  /** Why a workflow can't go on with the new shards; empty when it can. */
  private String obstacle(Neighbour neighbour) {
    if (writesTarget(neighbour)) {
      return "writes a shard that does not serve";
    }
    if (!neighbour.isMovable()) {
      return "is a " + neighbour.found().getWorkflowType().name();
    }
    Set<String> read = read(neighbour);
    if (writesSource(neighbour)) {
      return neighbour.reads(migration.keyspace()).isEmpty() ? "" : "reads its own keyspace";
    }
    if (!Set.copyOf(migration.sourceShards()).containsAll(read)) {
      return "reads a shard that does not serve";
    }
    return read.containsAll(migration.sourceShards())
        ? ""
        : "reads some of the shards %s and not all".formatted(migration.sourceShards());
  }

  private boolean writesSource(Neighbour neighbour) {
    return neighbour.keyspace().equals(migration.keyspace())
        && migration.sourceShards().contains(neighbour.shard());
  }

  private boolean writesTarget(Neighbour neighbour) {
    return neighbour.keyspace().equals(migration.keyspace())
        && migration.targetShards().contains(neighbour.shard());
  }

  /** The shards of this migration that a workflow reads. */
  private Set<String> read(Neighbour neighbour) {
    Set<String> ours = new TreeSet<>(migration.sourceShards());
    ours.addAll(migration.targetShards());
    Set<String> read = neighbour.reads(migration.keyspace());
    read.retainAll(ours);
    return read;
  }

  /** Those that read or write shards of this migration. */
  private List<Neighbour> neighbours() throws Exception {
    List<Neighbour> all = new ArrayList<>();
    for (String keyspace : cluster.topo().keyspaces()) {
      List<String> shards =
          cluster.topo().shards(keyspace).entrySet().stream()
              .filter(shard -> shard.getValue().value().hasPrimaryAlias())
              .map(Map.Entry::getKey)
              .toList();
      Parallel.map(shards, shard -> neighbours(keyspace, shard)).forEach(all::addAll);
    }
    return all;
  }

  private List<Neighbour> neighbours(String keyspace, String shard) {
    boolean here = keyspace.equals(migration.keyspace());
    return others.on(keyspace, shard, here).stream()
        .filter(found -> found.getStreamsCount() > 0 && !(here && isOwn(found.getWorkflow())))
        .map(found -> new Neighbour(keyspace, shard, found))
        .filter(neighbour ->
            writesSource(neighbour)
                || (writesTarget(neighbour) && !neighbour.isDraft())
                || (!writesTarget(neighbour) && !read(neighbour).isEmpty()))
        .toList();
  }

  private boolean isOwn(String name) {
    return name.equals(workflow) || name.equals(WorkflowNames.reverse(workflow));
  }

  /** Nobody else may write target shards: they have no other streams from the beginning. */
  @Override
  public SortedMap<String, Set<String>> writers() throws Exception {
    SortedMap<String, Set<String>> claims = all();
    claims.keySet().retainAll(Set.copyOf(migration.targetShards()));
    return claims;
  }
}

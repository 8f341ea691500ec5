package dev.shunt.local.demo;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import binlogdata.Binlogdata.VReplicationWorkflowSubType;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.local.LocalCluster;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlText;
import dev.shunt.schemas.StreamState;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse.Stream;

/**
 * A table that follows another one, row for row, by streams that no command of Shunt has made: as
 * those of a Materialize they write shards, or read them, that a Reshard replaces.
 *
 * @param workflow name of the workflow
 * @param source table that is followed, {@code keyspace.table}
 * @param target the table that follows, {@code keyspace.table}
 * @param query what is read of the source
 * @param columns columns that are equal on both sides, joined by commas
 */
record Materialized(String workflow, Name source, Name target, String query, String columns) {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  /** A table of a keyspace. */
  record Name(String keyspace, String table) {}

  /** Creates the stream, from the only shard of the source to the only one of the target. */
  void create(Topo topo, TabletClients tablets, String sourceShard, String targetShard) {
    BinlogSource reads =
        BinlogSource.newBuilder()
            .setKeyspace(source.keyspace())
            .setShard(sourceShard)
            .setFilter(
                Filter.newBuilder()
                    .addRules(Rule.newBuilder().setMatch(target.table()).setFilter(query)))
            .build();
    TabletClient client = client(topo, tablets, targetShard);
    var unused =
        client.createVReplicationWorkflow(
            Tabletmanagerdata.CreateVReplicationWorkflowRequest.newBuilder()
                .setWorkflow(workflow)
                .addBinlogSource(reads)
                .addTabletTypes(Topodata.TabletType.PRIMARY)
                .setWorkflowType(VReplicationWorkflowType.Materialize)
                .setWorkflowSubType(VReplicationWorkflowSubType.None)
                .setOptions("{}")
                .build());
    var unusedToo =
        client.vReplicationExec(
            "update _vt.vreplication set state=%s where workflow=%s"
                .formatted(SqlText.literal(StreamState.RUNNING.text()), SqlText.literal(workflow)));
  }

  private TabletClient client(Topo topo, TabletClients tablets, String shard) {
    return tablets.of(
        topo.primary(target.keyspace(), shard)
            .orElseThrow(() ->
                new IllegalStateException(target.keyspace() + "/" + shard + " has no primary")));
  }

  private Set<String> shards(Topo topo, String keyspace) {
    Set<String> serving = new TreeSet<>();
    topo.shards(keyspace)
        .forEach((name, shard) -> {
          if (shard.value().getIsPrimaryServing()) {
            serving.add(name);
          }
        });
    return serving;
  }

  private List<Stream> streams(Topo topo, TabletClients tablets) {
    List<Stream> all = new ArrayList<>();
    for (String shard : shards(topo, target.keyspace())) {
      client(topo, tablets, shard)
          .readVReplicationWorkflow(workflow)
          .ifPresent(found -> all.addAll(found.getStreamsList()));
    }
    return all;
  }

  /**
   * Waits until its streams run, from all shards of the source that serve to all of the target.
   *
   * @throws IllegalStateException when they don't in time, or one of them has failed
   */
  void awaitRunning(Topo topo, TabletClients tablets, Duration patience) {
    Predicate<List<Stream>> all =
        streams -> {
          Set<String> read = new TreeSet<>();
          streams.forEach(stream -> read.add(stream.getBls().getShard()));
          return streams.size()
                  == shards(topo, source.keyspace()).size() * shards(topo, target.keyspace()).size()
              && read.equals(shards(topo, source.keyspace()))
              && streams.stream()
                  .allMatch(stream -> stream.getState() == VReplicationWorkflowState.Running);
        };
    await(() -> all.test(streams(topo, tablets)), patience, () -> streams(topo, tablets));
  }

  /** Whether the rows of both sides are equal, once all that was committed has arrived. */
  boolean isEqual(LocalCluster cluster, TabletClients tablets, Duration patience) {
    Topo topo = cluster.topo();
    awaitRunning(topo, tablets, patience);
    List<String> found = new ArrayList<>();
    await(
        () -> {
          found.clear();
          found.add(sum(cluster, source));
          found.add(sum(cluster, target));
          return found.getFirst().equals(found.getLast());
        },
        Duration.ofSeconds(20),
        null);
    return found.getFirst().equals(found.getLast());
  }

  /** Number of rows and a sum over them, of all shards that serve. */
  private String sum(LocalCluster cluster, Name name) {
    long rows = 0;
    long sum = 0;
    for (String shard : shards(cluster.topo(), name.keyspace())) {
      MysqlEndpoint database =
          Objects.requireNonNull(cluster.databases().get(name.keyspace() + "/" + shard));
      try (MysqlConnection connection = MysqlConnection.open(database)) {
        Row row =
            connection
                .execute(
                    "select count(*), coalesce(sum(crc32(concat_ws('#', %s))), 0) from %s"
                        .formatted(columns, name.table()))
                .only();
        rows += row.number(0);
        sum += row.number(1);
      }
    }
    return rows + " rows, sum " + sum;
  }

  /** Ends it; the rows stay. */
  void delete(Topo topo, TabletClients tablets) {
    for (String shard : shards(topo, target.keyspace())) {
      var unused = client(topo, tablets, shard).deleteVReplicationWorkflow(workflow);
    }
  }

  private void await(BooleanSupplier holds, Duration patience, @Nullable Supplier<?> state) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        if (state == null) {
          return;
        }
        throw new IllegalStateException(
            "the streams of %s.%s are not as they should be after %s: %s"
                .formatted(target.keyspace(), workflow, patience, state.get()));
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }
}

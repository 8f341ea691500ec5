package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.client.CommandResult;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.router.RouterConfig;
import dev.shunt.router.TrafficRouter;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.Versioned;
import io.vitess.proto.Topodata.SrvKeyspace;
import io.vitess.proto.Topodata.TabletType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import vschema.Vschema;

/** A keyspace is split, there and back and there, and merged again, while it is written to. */
class ReshardIT {
  private static final WorkflowKey SPLIT = new WorkflowKey("customer", "split");
  private static final WorkflowKey MERGE = new WorkflowKey("customer", "merge");
  private static final List<String> ONE = List.of("0");
  private static final List<String> TWO = List.of("-80", "80-");
  private static final Layout LAYOUT =
      new Layout(
          "zone1",
          List.of(
              new Layout.Place(100, "customer", "0"),
              new Layout.Place(200, "customer", "-80"),
              new Layout.Place(300, "customer", "80-"),
              new Layout.Place(400, "customer", "-")));

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void rowsGoToOtherShardsAndNoneIsLost(Engine engine) throws Exception {
    try (Bench bench =
            new Bench(
                new ClusterOptions(directory, engine, LAYOUT, Map.of(), null, null, List.of()));
        TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
        TrafficRouter router =
            new TrafficRouter(bench.cluster().topo(), clients, RouterConfig.of("zone1"))) {
      Topo topo = bench.cluster().topo();
      topo.saveVSchema("customer", vschema());
      topo.rebuildSrvVSchema(List.of());
      try (MysqlConnection source = bench.open("customer/0")) {
        CountedItems.create(source);
      }
      assertThat(router.awaitKeyspace("customer", Bench.PATIENCE)).isTrue();
      CountedItems items = new CountedItems(router, "customer");
      items.start();
      try {
        bench.succeed(create(SPLIT, ONE, TWO));
        bench.awaitRunning(SPLIT);
        assertThat(bench.succeed(Asking.diff(SPLIT)).summary()).endsWith("no differences");
        items.awaitMore(20);

        assertThat(bench.succeed(Asking.switchTraffic(SPLIT, Direction.FORWARD)).attributes())
            .containsEntry("start_state", "Reads Not Switched. Writes Not Switched")
            .containsEntry("current_state", "All Reads Switched. Writes Switched");
        assertServes(topo, TWO);
        items.awaitMore(20);
        bench.awaitRunning(new WorkflowKey("customer", "split_reverse"));

        assertThat(bench.succeed(Asking.switchTraffic(SPLIT, Direction.BACKWARD)).attributes())
            .containsEntry("current_state", "Reads Not Switched. Writes Not Switched");
        assertServes(topo, ONE);
        items.awaitMore(20);
        bench.awaitRunning(SPLIT);

        bench.succeed(Asking.switchTraffic(SPLIT, Direction.FORWARD));
        assertServes(topo, TWO);
        items.awaitMore(20);
        bench.succeed(Asking.complete(SPLIT));
        assertThat(topo.shards("customer").keySet()).containsExactlyInAnyOrder("-80", "80-", "-");
        items.awaitMore(20);

        bench.succeed(create(MERGE, TWO, List.of("-")));
        bench.awaitRunning(MERGE);
        bench.succeed(Asking.switchTraffic(MERGE, Direction.FORWARD));
        assertServes(topo, List.of("-"));
        items.awaitMore(20);
        bench.succeed(Asking.complete(MERGE));
        assertThat(topo.shards("customer").keySet()).containsExactly("-");
        items.awaitMore(20);
      } finally {
        items.stop();
      }

      assertThat(items.failures()).isEmpty();
      assertThat(rows(bench, List.of("-"))).isEqualTo(items.counted());
    }
  }

  /** Its rows are in no stream, and nobody but a diff would see that they are missing. */
  @Test
  void aTableThatIsMadeMeanwhileKeepsTrafficWhereItIs() {
    try (Bench bench =
        new Bench(
            new ClusterOptions(
                directory, Engine.MARIADB, LAYOUT, Map.of(), null, null, List.of()))) {
      Topo topo = bench.cluster().topo();
      topo.saveVSchema("customer", vschema());
      topo.rebuildSrvVSchema(List.of());
      bench.sql("customer/0", "CREATE TABLE item (id BIGINT PRIMARY KEY, n BIGINT)");
      bench.sql("customer/0", "INSERT INTO item VALUES (1, 1), (2, 2)");
      bench.succeed(create(SPLIT, ONE, TWO));
      bench.awaitRunning(SPLIT);

      bench.sql("customer/0", "CREATE TABLE noted (id BIGINT PRIMARY KEY)");
      assertThat(
              bench
                  .client()
                  .execute(Asking.switchTraffic(SPLIT, Direction.FORWARD), Bench.PATIENCE))
          .asString()
          .contains("table(s) noted were made since the workflow was");
      bench.sql("customer/0", "INSERT INTO noted VALUES (1), (2), (3)");
      assertThat(
              bench
                  .workflows()
                  .await(
                      SPLIT,
                      status ->
                          status
                              .filter(found ->
                                  found.streams().stream()
                                      .anyMatch(stream -> stream.state().equals("Error")))
                              .isPresent(),
                      Bench.PATIENCE))
          .isTrue();
      assertThat(bench.workflows().get(SPLIT))
          .asString()
          .contains("table noted was made on the source since the workflow was");
      assertServes(topo, ONE);

      bench.succeed(Asking.cancel(SPLIT));
      assertThat(topo.shards("customer").keySet()).containsExactlyInAnyOrder("0", "-");
    }
  }

  @Test
  void aTableThatIsMadeMeanwhileMovesOnceAllShardsHaveIt() {
    try (Bench bench =
        new Bench(
            new ClusterOptions(
                directory, Engine.MARIADB, LAYOUT, Map.of(), null, null, List.of()))) {
      Topo topo = bench.cluster().topo();
      topo.saveVSchema("customer", vschema());
      topo.rebuildSrvVSchema(List.of());
      bench.sql("customer/0", "CREATE TABLE item (id BIGINT PRIMARY KEY, n BIGINT)");
      bench.sql("customer/0", "INSERT INTO item VALUES (1, 1), (2, 2)");
      bench.succeed(create(SPLIT, ONE, TWO));
      bench.awaitRunning(SPLIT);
      bench.sql("customer/0", "CREATE TABLE noted (id BIGINT PRIMARY KEY)");
      bench.sql("customer/0", "INSERT INTO noted VALUES (1), (2), (3), (4), (5)");
      assertThat(
              bench
                  .workflows()
                  .await(
                      SPLIT,
                      status ->
                          status
                              .filter(found ->
                                  found.streams().size() == 2
                                      && found.streams().stream()
                                          .allMatch(stream -> stream.state().equals("Error")))
                              .isPresent(),
                      Bench.PATIENCE))
          .isTrue();

      for (String shard : TWO) {
        bench.sql("customer/" + shard, "CREATE TABLE noted (id BIGINT PRIMARY KEY)");
      }
      bench.succeed(Asking.start(SPLIT, DesiredState.RUNNING));
      switchOnceCopied(bench);

      assertServes(topo, TWO);
      List<String> noted = new ArrayList<>();
      for (String shard : TWO) {
        bench
            .sql("customer/" + shard, "SELECT id FROM noted")
            .rows()
            .forEach(row -> noted.add(row.text(0)));
      }
      assertThat(noted).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
      bench.succeed(Asking.complete(SPLIT));
    }
  }

  /** Streams run for a moment before they see that there is more to copy, and refuse then. */
  private static void switchOnceCopied(Bench bench) {
    long end = System.nanoTime() + Bench.PATIENCE.toNanos();
    CommandResult result;
    do {
      bench.awaitRunning(SPLIT);
      result =
          bench.client().execute(Asking.switchTraffic(SPLIT, Direction.FORWARD), Bench.PATIENCE);
    } while (result instanceof CommandResult.Refused refused
        && refused.message().contains("copy is still in progress")
        && System.nanoTime() - end < 0);
    assertThat(result).isInstanceOf(CommandResult.Succeeded.class);
  }

  private static ReshardCreate create(
      WorkflowKey workflow, List<String> sources, List<String> targets) {
    return new ReshardCreate(
        Asking.header(workflow),
        sources,
        targets,
        List.of(),
        List.of("PRIMARY"),
        true,
        false,
        "IGNORE",
        true,
        false,
        false,
        Map.of());
  }

  private static Vschema.Keyspace vschema() {
    Vschema.Keyspace.Builder vschema =
        Vschema.Keyspace.newBuilder()
            .setSharded(true)
            .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build());
    for (String table : CountedItems.TABLES) {
      vschema.putTables(
          table,
          Vschema.Table.newBuilder()
              .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setColumn("id").setName("hash"))
              .build());
    }
    return vschema.build();
  }

  /** Records and cell say the same, and nothing is left of the switch. */
  private static void assertServes(Topo topo, List<String> shards) {
    Set<String> serving = new HashSet<>();
    topo.shards("customer")
        .forEach((name, shard) -> {
          if (shard.value().getIsPrimaryServing()) {
            serving.add(name);
          }
          assertThat(shard.value().getTabletControlsList()).as(name).isEmpty();
        });
    assertThat(serving).containsExactlyInAnyOrderElementsOf(shards);
    SrvKeyspace served = topo.srvKeyspace("zone1", "customer").map(Versioned::value).orElseThrow();
    for (SrvKeyspace.KeyspacePartition partition : served.getPartitionsList()) {
      assertThat(partition.getShardReferencesList())
          .as(partition.getServedType().name())
          .extracting(reference -> reference.getName())
          .containsExactlyElementsOf(shards);
      if (partition.getServedType() == TabletType.PRIMARY) {
        assertThat(partition.getShardTabletControlsList()).isEmpty();
      }
    }
  }

  private static Map<Long, Long> rows(Bench bench, List<String> shards) {
    Map<Long, Long> rows = new TreeMap<>();
    List<Long> doubled = new ArrayList<>();
    for (String shard : shards) {
      bench
          .sql("customer/" + shard, "select id, n from item")
          .rows()
          .forEach(row -> {
            if (rows.put(Long.valueOf(row.text(0)), Long.valueOf(row.text(1))) != null) {
              doubled.add(Long.valueOf(row.text(0)));
            }
          });
    }
    assertThat(doubled).isEmpty();
    return rows;
  }
}

package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.cluster.Cluster;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.TaskHandler;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.ReshardCreate;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.tabletclient.ServerFinding;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.HurriedTime;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.ServedShards;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.streams.StreamMessages;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema;

/** How a Reshard of customer from 0 to -80 and 80- begins and ends. */
class ReshardLifeTest {
  private static final List<String> ONE = List.of("0");
  private static final List<String> TWO = List.of("-80", "80-");
  private static final ShardMigration SPLIT = new ShardMigration("customer", ONE, TWO);

  @TempDir Path folder;

  private static final class Killed extends Error {}

  private static final class World implements AutoCloseable {
    final FakeCluster cluster;
    final SagaTrial trial;

    World(Path folder) {
      cluster = new FakeCluster(folder, new HurriedTime());
      cluster.keyspace("customer", "0", "-80", "80-");
      cluster.shardById("customer", "corder");
      source().tables.put("corder", "CREATE TABLE `corder` (\n  `id` int\n)");
      cluster.tablets.values().forEach(tablet -> cluster.of(tablet.record).refreshState());
      trial =
          new SagaTrial(
              cluster,
              new CopyPlanner(
                  cluster.cluster(), task -> Optional.empty(), DifferenceGuard.NONE, cluster.time));
    }

    FakeTablet source() {
      return cluster.tablet("customer", "0");
    }

    List<FakeTablet> targets() {
      return TWO.stream().map(shard -> cluster.tablet("customer", shard)).toList();
    }

    World created() {
      assertThat(trial.outcome(create("create", ONE, TWO))).startsWith("succeeded");
      targets()
          .forEach(tablet -> tablet.streams("rs").forEach(row -> row.position = "MariaDB/0-1-5"));
      return this;
    }

    /** As a switch leaves it. */
    World switched() throws Exception {
      created();
      Cluster seen = cluster.cluster();
      seen.traffic(SPLIT).routeReads(List.of(), EnumSet.allOf(ReadType.class), List.of());
      seen.traffic(SPLIT).routeWrites(List.of(), ONE, TWO, List.of());
      var unused = seen.publishWrites(SPLIT);
      for (String shard : TWO) {
        FakeRow reverse =
            source()
                .addStream(
                    "rs_reverse",
                    BinlogSource.newBuilder().setKeyspace("customer").setShard(shard).build());
        reverse.type = VReplicationWorkflowType.Reshard;
        reverse.state = VReplicationWorkflowState.Running;
      }
      targets().forEach(tablet -> tablet.streams("rs").forEach(row -> row.message = "FROZEN"));
      return this;
    }

    void gate(Consumer<String> gate) {
      cluster.gate(gate);
      cluster.topoGate(gate);
      trial.log.gate(gate);
    }

    void assertShards(List<String> shards) {
      assertThat(cluster.topo.shards("customer").keySet())
          .containsExactlyInAnyOrderElementsOf(shards);
      assertThat(cluster.topo.shards("customer").values())
          .allSatisfy(shard -> {
            assertThat(shard.value().getIsPrimaryServing()).isTrue();
            assertThat(DeniedTables.of(shard.value())).isEmpty();
          });
      assertThat(cluster.topo.tablets())
          .extracting(tablet -> tablet.getShard())
          .containsExactlyInAnyOrderElementsOf(shards);
      assertThat(cluster.tablets.values())
          .allSatisfy(tablet -> assertThat(tablet.streams).isEmpty());
      cluster.topo.rebuildSrvKeyspace("customer", List.of()); // nothing keeps it from being made
    }

    @Override
    public void close() {
      cluster.close();
    }
  }

  private static ReshardCreate create(String id, List<String> from, List<String> to) {
    return ReshardCreate.of(Samples.header(id, "rs"), from, to);
  }

  private static Command cancel() {
    return new WorkflowDelete(Samples.header("cancel", "rs"), false, false);
  }

  private static Command complete() {
    return new MoveTablesComplete(Samples.header("complete", "rs"), false, false, false);
  }

  @Test
  void createsTablesAndStreamsOnTheTargets() {
    try (World world = new World(folder).created()) {
      for (FakeTablet target : world.targets()) {
        assertThat(target.tables.keySet()).containsExactly("corder");
        assertThat(target.streams("rs"))
            .singleElement()
            .satisfies(row -> {
              assertThat(row.type).isEqualTo(VReplicationWorkflowType.Reshard);
              assertThat(row.state).isEqualTo(VReplicationWorkflowState.Running);
              assertThat(row.source.getFilter().getRules(0).getMatch()).isEqualTo("/.*");
            });
      }
      WorkflowCreated created = world.trial.log.ofType(WorkflowCreated.class).getLast();
      assertThat(created.workflowType()).isEqualTo("Reshard");
      assertThat(created.targetShards()).isEqualTo(TWO);
      assertThat(created.tables()).containsExactly("corder");
    }
  }

  private void refused(World world, ReshardCreate command, String why) {
    assertThat(world.trial.outcome(command)).startsWith("refused").contains(why);
    world.targets().forEach(target -> assertThat(target.streams).isEmpty());
    world.targets().forEach(target -> assertThat(target.tables).isEmpty());
  }

  @Test
  void refusesWhatCanNotBeResharded() {
    try (World world = new World(folder)) {
      refused(world, create("1", TWO, ONE), "source shard customer/-80 does not serve");
      refused(world, create("2", ONE, List.of("-40", "40-")), "there is no shard customer/-40");
      refused(world, create("3", ONE, List.of("-80")), "key range");
      refused(world, create("4", ONE, List.of("-80", "40-")), "there is a gap, or two overlap");
      refused(world, create("5", ONE, List.of("-")), "have the same key range");
      refused(world, create("6", List.of(), TWO), "no source shards");

      world.source().tables.put("stray", "CREATE TABLE `stray` (\n  `id` int\n)");
      refused(world, create("7", ONE, TWO), "which shard has the rows of stray");
      world.source().tables.remove("stray");

      world
          .source()
          .addStream("other", BinlogSource.newBuilder().setKeyspace("x").setShard("0").build());
      refused(world, create("8", ONE, TWO), "0 (workflow customer.other, which is a MoveTables)");
      world.source().streams.clear();

      world.cluster.topo.saveVSchema(
          "customer",
          world.cluster.topo.vschema("customer").orElseThrow().value().toBuilder()
              .putTables("corder", Vschema.Table.newBuilder().setType("reference").build())
              .build());
      refused(world, create("9", ONE, TWO), "reference tables (corder)");
    }
  }

  /** The stream of the source that lacks one could never take its snapshot. */
  @Test
  void refusesSourcesWithUnlikeTables() throws Exception {
    try (World world = new World(folder).switched()) {
      assertThat(world.trial.outcome(complete())).startsWith("succeeded");
      world.cluster.shardById("customer", "corder", "late");
      world.targets().getLast().tables.put("late", "CREATE TABLE `late` (\n  `id` int\n)");
      var unused = world.cluster.topo.createShard("customer", "-");
      world.cluster.topo.registerTablet(world.source().record.toBuilder().setShard("-").build());
      world.cluster.tablets.put("customer/-", world.source());
      world.source().tables.clear();

      assertThat(world.trial.outcome(create("merge", TWO, List.of("-"))))
          .startsWith("refused")
          .contains("source shard customer/-80 lacks table(s) that others have: late");
      assertThat(world.source().tables).isEmpty();
    }
  }

  @Test
  void refusesASourceThatDeniesTables() {
    try (World world = new World(folder)) {
      var unused =
          world.cluster.topo.updateShard(
              "customer", "0", record -> DeniedTables.denied(record, List.of("corder")));
      refused(world, create("c", ONE, TWO), "customer/0 denies table(s) corder");
    }
  }

  /** A schema does not show them, so the streams would leave them out without a word. */
  @Test
  void refusesASourceWithTablesThatCannotBeMoved() {
    try (World world = new World(folder)) {
      FakeTablet source = world.source();
      source.findings.add(
          new ServerFinding(
              "system-versioned",
              true,
              "hist",
              "the table hist has system versioning",
              "its history would lack",
              "ALTER TABLE hist DROP SYSTEM VERSIONING"));
      refused(world, create("c", ONE, TWO), "source shard 0: the table hist has system versioning");
      source.findings.clear();
      source.findings.add(
          new ServerFinding("stays-behind", false, "", "sequence s", "it does not move", ""));
      assertThat(world.trial.outcome(create("d", ONE, TWO)))
          .startsWith("succeeded")
          .contains("sequence s (it does not move)");
      assertThat(source.checks).contains("source [] []");
    }
  }

  /** Of two that are made at once each sees the streams of the other, or is seen. */
  @Test
  void aCreationIsTakenBackWhenAnotherHasTheShardsMeanwhile() {
    try (World world = new World(folder)) {
      AtomicBoolean begun = new AtomicBoolean();
      world.gate(call -> {
        if (call.startsWith("create ") && begun.compareAndSet(false, true)) {
          addOther(world.targets().getFirst());
        }
      });
      assertThat(world.trial.outcome(create("c", ONE, TWO)))
          .contains("-80 (workflow customer.other, which writes a shard that does not serve)");
      world.gate(call -> {});
      assertThat(world.targets().getFirst().streams("rs")).isEmpty();
      assertThat(world.targets().getLast().streams).isEmpty();
    }
  }

  private static void addOther(FakeTablet tablet) {
    FakeRow other =
        tablet.addStream(
            "other", BinlogSource.newBuilder().setKeyspace("customer").setShard("0").build());
    other.type = VReplicationWorkflowType.Reshard;
    other.state = VReplicationWorkflowState.Running;
  }

  /** The tables that it made are filled by another workflow when it is taken back. */
  @Test
  void aCreationThatIsTakenBackDropsNothingOfOthers() {
    try (World world = new World(folder)) {
      AtomicBoolean begun = new AtomicBoolean();
      world.gate(call -> {
        if (call.startsWith("journalKeys") && begun.compareAndSet(false, true)) {
          addOther(world.targets().getFirst());
          throw new TabletException(Status.Code.INTERNAL, "broken", new IllegalStateException());
        }
      });
      assertThat(world.trial.outcome(create("c", ONE, TWO))).contains("broken");
      world.gate(call -> {});
      assertThat(begun).isTrue();
      assertThat(world.targets().getFirst().streams("rs")).isEmpty();
      assertThat(world.targets().getFirst().tables).containsKey("corder");
    }
  }

  @Test
  void cancelKeepsShardsThatOthersUseByNow() {
    try (World world = new World(folder).created()) {
      addOther(world.targets().getFirst());

      assertThat(world.trial.outcome(cancel())).startsWith("succeeded");
      assertThat(world.cluster.topo.shards("customer").keySet())
          .containsExactlyInAnyOrder("0", "-80");
      assertThat(world.targets().getFirst().streams("other")).hasSize(1);
    }
  }

  /** It has not met the journal yet, and would find nothing to read any more. */
  @Test
  void completeIsRefusedWhileOthersReadTheOldShards() throws Exception {
    try (World world = new World(folder).switched()) {
      world.cluster.keyspace("report", "0");
      FakeTablet reader = world.cluster.tablet("report", "0");
      addOther(reader);
      assertThat(world.trial.outcome(complete()))
          .startsWith("refused")
          .contains("0 (workflow report.other)");
      assertThat(world.cluster.topo.shards("customer")).containsKey("0");
    }
  }

  /**
   * A switch died in its pause, with streams of another workflow stopped; a cell that is away keeps
   * the reads from going back, but no writes waiting.
   */
  @Test
  void cancelOfAHalfSwitchOpensTheSourceFirst() throws Exception {
    try (World world = new World(folder)) {
      world.cluster.topo.createCell(
          "zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
      world.cluster.topo.rebuildSrvKeyspace("customer", List.of());
      World created = world.created();
      var unused =
          created.cluster.topo.updateShard(
              "customer", "0", record -> DeniedTables.denied(record, List.of(DeniedTables.ALL)));
      FakeRow mat = materialized(created.source());
      mat.message = StreamMessages.MIGRATION;
      FakeRow draft = materialized(created.targets().getFirst());
      draft.message = StreamMessages.DRAFT;
      AtomicBoolean opened = new AtomicBoolean();
      created.trial.log.gate(event -> {
        if (event.equals("started return-reads")) {
          opened.set(
              DeniedTables.of(created.cluster.topo.shard("customer", "0").orElseThrow().value())
                  .isEmpty());
        }
      });
      assertThat(
              created.trial.outcome(
                  new WorkflowDelete(Samples.header("cancel", "rs"), true, false)))
          .startsWith("succeeded");
      assertThat(opened).isTrue();
      assertThat(mat.state).isEqualTo(VReplicationWorkflowState.Running);
      assertThat(mat.message).isEmpty();
      assertThat(created.targets().getFirst().streams("mat")).isEmpty();
    }
  }

  private static FakeRow materialized(FakeTablet tablet) {
    FakeRow row =
        tablet.addStream(
            "mat", BinlogSource.newBuilder().setKeyspace("commerce").setShard("0").build());
    row.type = VReplicationWorkflowType.Materialize;
    row.position = "MariaDB/0-1-5";
    return row;
  }

  /** Its record alone says that reads were switched there. */
  @Test
  void cancelWaitsForACellWhoseReadsItHasToSendBack() throws Exception {
    try (World world = new World(folder)) {
      world.cluster.topo.createCell(
          "zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
      world.cluster.topo.rebuildSrvKeyspace("customer", List.of());
      World created = world.created();
      created
          .cluster
          .cluster()
          .traffic(SPLIT)
          .routeReads(List.of(), EnumSet.allOf(ReadType.class), List.of("zone2"));
      AtomicInteger silent = new AtomicInteger();
      created.trial.log.gate(event -> {
        if (event.equals("started return-reads") && silent.get() == 0) {
          silent.set(3);
        }
      });
      created.cluster.cellGate((call, cell) -> {
        if (cell.equals("zone2") && silent.get() > 1) {
          silent.decrementAndGet();
          throw new TopoException(TopoException.Kind.UNAVAILABLE, "gone: " + call);
        }
      });
      assertThat(created.trial.outcome(cancel())).startsWith("succeeded");
      assertThat(silent).hasValue(1);
      for (TabletType type : List.of(TabletType.REPLICA, TabletType.RDONLY)) {
        assertThat(
                ServedShards.referenced(
                    created.cluster.topo.srvKeyspace("zone2", "customer").orElseThrow().value(),
                    type))
            .isEqualTo(Set.copyOf(ONE));
      }
      assertThat(created.cluster.topo.shards("customer").keySet()).isEqualTo(Set.copyOf(ONE));
    }
  }

  @Test
  void cancelsByDeletingTheTargetShards() {
    try (World world = new World(folder).created()) {
      assertThat(world.trial.outcome(cancel())).startsWith("succeeded");
      world.assertShards(ONE);
    }
  }

  /** Reads that were switched go back, whatever is said of routing rules, which there are none. */
  @Test
  void cancelSendsReadsBack() throws Exception {
    try (World world = new World(folder).created()) {
      world
          .cluster
          .cluster()
          .traffic(SPLIT)
          .routeReads(List.of(), EnumSet.allOf(ReadType.class), List.of());
      assertThat(
              world.trial.outcome(new WorkflowDelete(Samples.header("cancel", "rs"), false, true)))
          .startsWith("succeeded");
      world.assertShards(ONE);
    }
  }

  @Test
  void completesByDeletingTheSourceShards() throws Exception {
    try (World world = new World(folder).switched()) {
      assertThat(world.trial.outcome(complete())).startsWith("succeeded");
      world.assertShards(TWO);
    }
  }

  /** A cell had not heard of the switch. */
  @Test
  void completeTellsACellThatWasLeftBehind() throws Exception {
    try (World world = new World(folder).switched()) {
      world.cluster.topo.updateSrvKeyspace(
          List.of(),
          "zone1",
          "customer",
          served -> ServedShards.moved(served, TabletType.PRIMARY, TWO, ONE));
      assertThat(world.trial.outcome(complete())).startsWith("succeeded");
      world.assertShards(TWO);
    }
  }

  @Test
  void cancelEndsWhereverItsOwnerDied() throws Exception {
    diesEverywhere("cancel", false, cancel(), ONE);
  }

  @Test
  void completeEndsWhereverItsOwnerDied() throws Exception {
    diesEverywhere("complete", true, complete(), TWO);
  }

  private void diesEverywhere(String name, boolean switched, Command command, List<String> left)
      throws Exception {
    int crashes = 0;
    for (int n = 1; n < 400; n++) {
      try (World world = new World(Files.createDirectory(folder.resolve(name + n)))) {
        World begun = switched ? world.switched() : world.created();
        int[] calls = {n};
        begun.gate(call -> {
          if (calls[0]-- <= 0) {
            throw new Killed();
          }
        });
        boolean killed = killed(begun.trial, command);
        begun.gate(call -> {});
        crashes += killed ? 1 : 0;
        assertThat(begun.trial.outcome(command))
            .as("killed at call %d: %s", n, begun.trial.log.told())
            .startsWith("succeeded");
        begun.assertShards(left);
        if (!killed) {
          assertThat(crashes).isGreaterThan(15);
          return;
        }
      }
    }
    throw new IllegalStateException("never went through");
  }

  /** Each call fails once, and the command ends all the same. */
  @Test
  void endsWhereverACallToTheTopologyFailed() throws Exception {
    for (Map.Entry<Command, List<String>> end : Map.of(cancel(), ONE, complete(), TWO).entrySet()) {
      boolean completes = end.getKey() instanceof MoveTablesComplete;
      for (int n = 0; n < 400; n++) {
        try (World world =
            new World(Files.createDirectory(folder.resolve((completes ? "f" : "g") + n)))) {
          World begun = completes ? world.switched() : world.created();
          int[] calls = {n};
          begun.cluster.topoGate(call -> {
            if (calls[0]-- == 0) {
              throw new TopoException(TopoException.Kind.UNAVAILABLE, "gone: " + call);
            }
          });
          String outcome = begun.trial.outcome(end.getKey());
          begun.cluster.topoGate(call -> {});
          if (outcome.startsWith("succeeded")) {
            begun.assertShards(end.getValue());
          } else {
            assertThat(begun.cluster.topo.shards("customer").keySet())
                .as("failed at call %d: %s", n, outcome)
                .isEqualTo(Set.of("0", "-80", "80-"));
          }
          if (calls[0] >= 0) {
            break;
          }
        }
      }
    }
  }

  private static boolean killed(SagaTrial trial, Command command) {
    try {
      return trial.run(command) != TaskHandler.Result.FINISHED;
    } catch (Killed e) {
      return true;
    }
  }
}

package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.HurriedTime;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.streams.StreamMessages;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a workflow whose end is interrupted. */
class EndingTest {
  private static final List<String> TABLES = List.of("corder", "customer");
  private static final TableMigration MOVE = new TableMigration("commerce", "customer", TABLES);
  private static final List<String> SHARDS = List.of("-80", "80-");

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  /** The ways in which a workflow ends. */
  enum End {
    COMPLETE,
    CANCEL
  }

  /** Two shards on each side. */
  private static final class World implements AutoCloseable {
    final FakeCluster cluster;
    final SagaTrial trial;
    final End end;

    World(Path folder, End end) {
      this.end = end;
      cluster = new FakeCluster(folder, new HurriedTime());
      for (String keyspace : List.of("commerce", "customer")) {
        cluster.keyspace(keyspace, SHARDS.toArray(String[]::new));
        cluster.shardById(keyspace, "corder", "customer", "product");
      }
      tablets("commerce")
          .forEach(tablet -> {
            for (String table : List.of("corder", "customer", "product")) {
              tablet.tables.put(table, "CREATE TABLE `" + table + "` (\n  `id` int\n)");
            }
          });
      trial =
          new SagaTrial(
              cluster,
              new CopyPlanner(
                  cluster.cluster(),
                  task -> Optional.of(Set.copyOf(TABLES)),
                  DifferenceGuard.NONE,
                  cluster.time));
      assertThat(trial.outcome(Samples.create("create", "customer", "corder")))
          .startsWith("succeeded");
      if (end == End.COMPLETE) {
        switchOver();
      }
    }

    private void switchOver() {
      cluster.topo.updateRoutingRules(rules ->
          TableRouting.writesSwitched(
              TableRouting.readsSwitched(rules, MOVE, EnumSet.allOf(ReadType.class)), MOVE));
      cluster.topo.rebuildSrvVSchema(List.of());
      for (String shard : SHARDS) {
        var unused =
            cluster.topo.updateShard(
                "commerce", shard, record -> DeniedTables.denied(record, TABLES));
        var unusedToo =
            cluster.topo.updateShard(
                "customer", shard, record -> DeniedTables.allowed(record, TABLES));
        FakeRow reverse =
            cluster.tablet("commerce", shard).addStream("c2c_reverse", reverseSource(shard));
        reverse.state = VReplicationWorkflowState.Running;
        reverse.position = "MariaDB/0-1-5";
      }
      tablets("customer")
          .forEach(tablet -> tablet.streams("c2c").forEach(row -> row.message = "FROZEN"));
      cluster.tablets.values().forEach(tablet -> cluster.of(tablet.record).refreshState());
    }

    private static BinlogSource reverseSource(String shard) {
      Filter.Builder filter = Filter.newBuilder();
      TABLES.forEach(table -> filter.addRules(Rule.newBuilder().setMatch(table)));
      return BinlogSource.newBuilder()
          .setKeyspace("customer")
          .setShard(shard)
          .setFilter(filter)
          .build();
    }

    List<FakeTablet> tablets(String keyspace) {
      return SHARDS.stream().map(shard -> cluster.tablet(keyspace, shard)).toList();
    }

    Command command(String id) {
      return switch (end) {
        case COMPLETE -> new MoveTablesComplete(Samples.header(id), false, false, false);
        case CANCEL -> new WorkflowDelete(Samples.header(id), false, false);
      };
    }

    void everyCall(Consumer<String> gate) {
      cluster.gate(gate);
      cluster.topoGate(gate);
    }

    void assertEnded() {
      assertThat(cluster.topo.routingRules().value().getRulesCount()).isZero();
      assertThat(cluster.tablets.values())
          .allSatisfy(tablet -> {
            assertThat(tablet.streams).isEmpty();
            assertThat(tablet.denied).isEmpty();
          });
      String emptied = end == End.COMPLETE ? "commerce" : "customer";
      tablets(emptied)
          .forEach(
              tablet -> assertThat(tablet.tables.keySet()).doesNotContainAnyElementsOf(TABLES));
      tablets(end == End.COMPLETE ? "customer" : "commerce")
          .forEach(tablet -> assertThat(tablet.tables.keySet()).containsAll(TABLES));
    }

    void assertUntouched() {
      String name = end == End.COMPLETE ? "c2c_reverse" : "c2c";
      tablets(end == End.COMPLETE ? "commerce" : "customer")
          .forEach(tablet -> {
            assertThat(tablet.streams(name))
                .hasSize(1)
                .allMatch(row -> row.state == VReplicationWorkflowState.Running);
            assertThat(tablet.tables.keySet()).containsAll(TABLES);
          });
      assertThat(cluster.topo.routingRules().value().getRulesCount()).isPositive();
    }

    @Override
    public void close() {
      cluster.close();
    }
  }

  /** There and back again: the reverse is frozen, and all traffic goes where it would have led. */
  @Test
  void completesNoReverseBehindASwitchBack() {
    try (World world = new World(folder, End.COMPLETE)) {
      world.cluster.topo.updateRoutingRules(rules ->
          TableRouting.writesSwitched(
              TableRouting.readsSwitched(rules, MOVE.reversed(), EnumSet.allOf(ReadType.class)),
              MOVE.reversed()));
      world.cluster.topo.rebuildSrvVSchema(List.of());
      world
          .tablets("commerce")
          .forEach(tablet -> tablet.streams("c2c_reverse").forEach(row -> row.message = "FROZEN"));
      world
          .tablets("customer")
          .forEach(tablet -> tablet.streams("c2c").forEach(row -> row.message = ""));
      CommandHeader reverse =
          new CommandHeader("back", "commerce", "c2c_reverse", "tester", "", null, false, 1);

      assertThat(world.trial.outcome(new MoveTablesComplete(reverse, false, false, false)))
          .startsWith("refused")
          .contains("you have not yet switched all read and write traffic");
      world
          .tablets("customer")
          .forEach(tablet -> assertThat(tablet.tables.keySet()).containsAll(TABLES));
      assertThat(world.cluster.topo.routingRules().value().getRulesCount()).isPositive();
    }
  }

  /** Its tables are not those of a move: dropping them would be the end of something else. */
  @ParameterizedTest
  @EnumSource
  void endsNoWorkflowOfAnotherKind(End end) {
    try (World world = new World(folder, end)) {
      for (VReplicationWorkflowType type :
          List.of(
              VReplicationWorkflowType.Materialize,
              VReplicationWorkflowType.CreateLookupIndex,
              VReplicationWorkflowType.Migrate,
              VReplicationWorkflowType.Reshard,
              VReplicationWorkflowType.OnlineDDL)) {
        world
            .tablets("customer")
            .forEach(tablet -> tablet.streams("c2c").forEach(row -> row.type = type));
        assertThat(world.trial.outcome(world.command(type.name())))
            .startsWith("refused")
            .contains("which Shunt does not do yet");
        world.assertUntouched();
      }
    }
  }

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Kills the first run at its n-th call; whether it came that far. */
  private static boolean kill(World world, int n) {
    int[] left = {n};
    world.everyCall(call -> {
      if (left[0]-- <= 0) {
        throw new Killed();
      }
    });
    try {
      var unused = world.trial.run(world.command("end"));
      return false;
    } catch (Killed e) {
      return true;
    } finally {
      world.everyCall(call -> {});
    }
  }

  private static void fail(String call) {
    if (call.startsWith("topo")) {
      throw new TopoException(TopoException.Kind.UNAVAILABLE, "no answer: " + call);
    }
    throw new TabletException(
        Status.Code.UNAVAILABLE, "no answer: " + call, new IllegalStateException());
  }

  private static void assertWhole(World world, int killedAt) {
    String outcome = world.trial.outcome(world.command("end"));
    world.everyCall(call -> {});
    if (!outcome.startsWith("succeeded")) {
      world.assertUntouched();
      outcome = world.trial.outcome(world.command("again"));
    }
    assertThat(outcome).as("killed at call %d", killedAt).startsWith("succeeded");
    world.assertEnded();
  }

  private World world(String name, End end) throws IOException {
    return new World(Files.createDirectory(folder.resolve(name)), end);
  }

  /** Not at every call: a run that meets the old primary where it can't go back waits a while. */
  @ParameterizedTest
  @EnumSource
  void endsOnThePrimariesOfNow(End end) throws Exception {
    int[] left = {0};
    int n = 0;
    for (; left[0] <= 0; n += 5) {
      try (World world = world("n" + n, end)) {
        left[0] = n + 1;
        world.cluster.gate(call -> {
          if (--left[0] == 0) {
            world.cluster.reparent("customer", "-80");
          }
        });
        assertWhole(world, n);
      }
    }
    assertThat(n).isGreaterThan(15);
  }

  @ParameterizedTest
  @EnumSource
  void endsTheSameWhereverTheFirstRunDied(End end) throws Exception {
    int n = 0;
    for (boolean killed = true; killed; n++) {
      try (World world = world("n" + n, end)) {
        killed = kill(world, n);
        assertWhole(world, n);
      }
    }
    assertThat(n).isGreaterThan(30);
  }

  @ParameterizedTest
  @EnumSource
  void endsTheSameWhenEachCallOfTheSecondRunFailsOnce(End end) throws Exception {
    int n = 0;
    for (boolean killed = true; killed; n++) {
      try (World world = world("n" + n, end)) {
        killed = kill(world, n);
        Set<String> failed = new HashSet<>();
        world.everyCall(call -> {
          synchronized (failed) {
            if (failed.add(call)) {
              fail(call);
            }
          }
        });
        assertWhole(world, n);
      }
    }
  }

  /** Failures of the first run come one at a time, so that undecided ones are taken back. */
  @ParameterizedTest
  @EnumSource
  void takesBackOrEndsWhereverTheFirstRunMeetsAFailure(End end) throws Exception {
    List<String> outcomes = new ArrayList<>();
    int n = 0;
    for (boolean reached = true; reached; n++) {
      try (World world = world("n" + n, end)) {
        int[] left = {n};
        world.everyCall(call -> {
          if (left[0]-- == 0) {
            fail(call);
          }
        });
        assertWhole(world, n);
        reached = left[0] < 0;
        outcomes.add(world.trial.log.told().getLast());
      }
    }
    assertThat(outcomes).allMatch(outcome -> outcome.startsWith("succeeded"));
  }

  @ParameterizedTest
  @EnumSource
  void startsTheStreamsAgainWhenOneShardCanNotStopIts(End end) throws Exception {
    try (World world = world("one", end)) {
      String away = "update " + (end == End.COMPLETE ? "commerce" : "customer") + "/80-";
      world.cluster.gate(call -> {
        if (call.equals(away)) {
          fail(call);
        }
      });

      assertThat(world.trial.outcome(world.command("end")))
          .startsWith("command failed UNAVAILABLE no answer");

      world.assertUntouched();
    }
  }

  /** Nobody wants them stopped, and the diff that would start them finds them taken over. */
  @ParameterizedTest
  @EnumSource
  void startsTheStreamsOfADeadDiffWhenItIsTakenBack(End end) throws Exception {
    try (World world = world("left", end)) {
      world.cluster.tablets.values().stream()
          .flatMap(tablet -> tablet.streams.values().stream())
          .filter(row -> row.message.isEmpty())
          .forEach(row -> {
            row.state = VReplicationWorkflowState.Stopped;
            row.message = StreamMessages.DIFF;
            row.stopPosition = "MariaDB/0-1-5"; // it had let them run up to there
          });
      String away = "update " + (end == End.COMPLETE ? "commerce" : "customer") + "/80-";
      world.cluster.gate(call -> {
        if (call.equals(away)) {
          fail(call);
        }
      });

      assertThat(world.trial.outcome(world.command("end")))
          .startsWith("command failed UNAVAILABLE no answer");

      world.assertUntouched();
      assertThat(world.cluster.tablets.values().stream().flatMap(t -> t.streams.values().stream()))
          .filteredOn(row -> row.state == VReplicationWorkflowState.Running)
          .allMatch(row -> row.stopPosition.isEmpty());
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void refusesToEndWhileACellCanNotSayWhereItsReadsGo(End end) throws Exception {
    try (World world = world("one", end)) {
      world.cluster.topo.createCell(
          "zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
      world.cluster.topo.rebuildSrvVSchema(List.of());
      world.cluster.cellGate((call, cell) -> {
        if (cell.equals("zone2")) {
          fail("topo " + call);
        }
      });
      assertThat(world.trial.outcome(world.command("end")))
          .startsWith("refused FAILED_PRECONDITION cell(s) zone2 can't be reached");
      world.assertUntouched();
      world.cluster.cellGate((call, cell) -> {});
      assertThat(world.trial.outcome(world.command("again"))).startsWith("succeeded");
      world.assertEnded();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void endsThoughACellGoesAwayBehindTheCheck(End end) throws Exception {
    try (World world = world("one", end)) {
      world.cluster.topo.createCell(
          "zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
      world.cluster.topo.rebuildSrvVSchema(List.of());
      AtomicBoolean dead = new AtomicBoolean();
      world.cluster.gate(call -> {
        if (call.startsWith("update")) {
          dead.set(true);
        }
      });
      world.cluster.cellGate((call, cell) -> {
        if (dead.get() && cell.equals("zone2")) {
          fail("topo " + call);
        }
      });
      assertThat(world.trial.outcome(world.command("end"))).startsWith("succeeded");
      assertThat(dead).isTrue();
      world.assertEnded();
    }
  }

  @Test
  void leavesATableThatCameBackAfterItsRemoval() throws Exception {
    try (World world = world("one", End.COMPLETE)) {
      world.cluster.gate(call -> {
        if (call.startsWith("delete")) {
          throw new Killed();
        }
      });
      try {
        var unused = world.trial.run(world.command("end"));
      } catch (Killed e) {
        world.cluster.gate(call -> {});
      }
      world.cluster.tablet("commerce", "-80").tables.put("corder", "CREATE TABLE `corder` (x)");

      assertThat(world.trial.outcome(world.command("end"))).startsWith("succeeded");

      assertThat(world.cluster.tablet("commerce", "-80").tables).containsKey("corder");
    }
  }
}

package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.MoveTablesCreate;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.HurriedTime;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.routing.DeniedTables;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vschema.Vschema.RoutingRule;
import vschema.Vschema.RoutingRules;

/** What becomes of a creation that was interrupted and then fails: all is as it was. */
class InterruptedCreationTest {
  private static final RoutingRules BEFORE =
      RoutingRules.newBuilder()
          .addRules(RoutingRule.newBuilder().setFromTable("corder").addToTables("commerce.corder"))
          .addRules(
              RoutingRule.newBuilder().setFromTable("product").addToTables("commerce.product"))
          .build();

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  /** One shard each; the target has one of the tables, empty and denied, and a rule stands. */
  private static final class World implements AutoCloseable {
    final FakeCluster cluster;
    final FakeTablet source;
    final FakeTablet target;
    final SagaTrial trial;

    World(Path folder) {
      cluster = new FakeCluster(folder, new HurriedTime());
      cluster.keyspace("commerce", "0");
      cluster.keyspace("customer", "0");
      source = cluster.tablet("commerce", "0");
      target = cluster.tablet("customer", "0");
      source.tables.put("corder", "CREATE TABLE `corder` (\n  `id` int\n)");
      source.tables.put("customer", "CREATE TABLE `customer` (\n  `id` int\n)");
      target.tables.put("corder", "CREATE TABLE `corder` (\n  `id` int\n)");
      cluster.topo.updateRoutingRules(rules -> BEFORE);
      var unused =
          cluster.topo.updateShard(
              "customer", "0", shard -> DeniedTables.denied(shard, List.of("corder")));
      trial =
          new SagaTrial(
              cluster,
              new CopyPlanner(
                  cluster.cluster(), task -> Optional.empty(), DifferenceGuard.NONE, cluster.time));
    }

    void everyCall(Consumer<String> gate) {
      cluster.gate(gate);
      cluster.topoGate(gate);
    }

    /** Kills the first run at its n-th call; whether it came that far. */
    boolean kill(MoveTablesCreate command, int n) {
      int[] left = {n};
      everyCall(call -> {
        if (left[0]-- <= 0) {
          throw new Killed();
        }
      });
      try {
        var unused = trial.run(command);
        return false;
      } catch (Killed e) {
        return true;
      } finally {
        everyCall(call -> {});
      }
    }

    void assertAsBefore(int n) {
      assertThat(target.tables.keySet()).as("killed at call %d", n).containsExactly("corder");
      assertThat(target.streams).isEmpty();
      assertThat(cluster.topo.routingRules().value()).isEqualTo(BEFORE);
      assertThat(DeniedTables.of(cluster.topo.shard("customer", "0").orElseThrow().value()))
          .containsExactly("corder");
      assertThat(cluster.topo.vschema("customer").orElseThrow().value().getTablesMap()).isEmpty();
    }

    @Override
    public void close() {
      cluster.close();
    }
  }

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private World world(String name) throws IOException {
    return new World(Files.createDirectory(folder.resolve(name)));
  }

  private static void fail(String call) {
    if (call.startsWith("topo")) {
      throw new TopoException(TopoException.Kind.UNAVAILABLE, "no answer: " + call);
    }
    throw new TabletException(
        Status.Code.UNAVAILABLE, "no answer: " + call, new IllegalStateException());
  }

  @Test
  void takesEverythingBackThatTheKilledRunDid() throws Exception {
    int n = 0;
    for (boolean killed = true; killed; n++) {
      try (World world = world("n" + n)) {
        MoveTablesCreate create = Samples.create("c1", "customer", "corder");
        killed = world.kill(create, n);
        if (killed) {
          world.cluster.gate(call -> {
            if (call.startsWith("update")) {
              fail(call);
            }
          });
          assertThat(world.trial.outcome(create)).startsWith("command failed UNAVAILABLE");
          world.assertAsBefore(n);
        }
      }
    }
    assertThat(n).isGreaterThan(20);
  }

  @Test
  void isWholeOrNothingWhenThePrimaryIsReplaced() throws Exception {
    List<String> outcomes = new ArrayList<>();
    int[] left = {0};
    for (int n = 0; left[0] <= 0; n++) {
      try (World world = world("n" + n)) {
        left[0] = n + 1;
        world.cluster.gate(call -> {
          if (--left[0] == 0) {
            world.cluster.reparent("customer", "0");
          }
        });
        String outcome = world.trial.outcome(Samples.create("c1", "customer", "corder"));
        outcomes.add(outcome);
        if (outcome.startsWith("succeeded")) {
          assertThat(world.target.streams("c2c")).hasSize(1);
        } else {
          world.assertAsBefore(n);
        }
      }
    }
    assertThat(outcomes).anyMatch(outcome -> outcome.startsWith("command failed"));
  }

  @Test
  void isWholeOrNothingWhenEachCallOfTheSecondRunFailsOnce() throws Exception {
    int n = 0;
    List<String> outcomes = new ArrayList<>();
    for (boolean killed = true; killed; n++) {
      try (World world = world("n" + n)) {
        MoveTablesCreate create = Samples.create("c1", "customer", "corder");
        killed = world.kill(create, n);
        Set<String> failed = new HashSet<>();
        world.everyCall(call -> {
          synchronized (failed) {
            if (failed.add(call)) {
              fail(call);
            }
          }
        });
        String outcome = world.trial.outcome(create);
        world.everyCall(call -> {});
        outcomes.add(outcome);
        if (outcome.startsWith("succeeded")) {
          assertThat(world.target.streams("c2c")).hasSize(1);
        } else {
          world.assertAsBefore(n);
        }
      }
    }
    assertThat(outcomes).anyMatch(outcome -> outcome.startsWith("command failed"));
  }

  @Test
  void takesEverythingBackWhenTheSourceHasLostATableMeanwhile() throws Exception {
    int n = 0;
    for (boolean killed = true; killed; n++) {
      try (World world = world("n" + n)) {
        MoveTablesCreate create = Samples.create("c1", "customer", "corder");
        killed = world.kill(create, n);
        if (killed) {
          world.source.tables.remove("customer");
          assertThat(world.trial.outcome(create))
              .contains("table(s) not found in source keyspace commerce: customer");
          world.assertAsBefore(n);
        }
      }
    }
  }

  @Test
  void movesTheTablesThatTheFirstRunChose() throws Exception {
    try (World world = world("one")) {
      world.cluster.gate(call -> {
        if (call.startsWith("create")) {
          throw new Killed();
        }
      });
      MoveTablesCreate everything = Samples.create("c1");
      try {
        var unused = world.trial.run(everything);
      } catch (Killed e) {
        world.cluster.gate(call -> {});
      }
      world.source.tables.put("late", "CREATE TABLE `late` (\n  `id` int\n)");

      assertThat(world.trial.outcome(everything)).startsWith("succeeded");

      assertThat(world.target.tables.keySet()).containsExactly("corder", "customer");
      assertThat(world.cluster.topo.routingRules().value().getRulesList())
          .noneMatch(rule -> rule.getFromTable().contains("late"));
    }
  }
}

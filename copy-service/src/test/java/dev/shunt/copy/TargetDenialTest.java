package dev.shunt.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeTablet;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.Time;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import dev.shunt.workflow.routing.DeniedTables;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At no moment of a workflow's life is there a table of it on the target that takes writes. */
class TargetDenialTest {
  private static final Set<String> MOVED = Set.of("corder", "customer");

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** A watch over what the target serves, at each call to a tablet or the topology. */
  private static final class World implements AutoCloseable {
    final FakeCluster cluster;
    final FakeTablet target;
    final SagaTrial trial;
    final List<String> served = new CopyOnWriteArrayList<>();
    private int left = Integer.MAX_VALUE;
    private String failing = "-";

    World(Path folder) {
      cluster = new FakeCluster(folder);
      cluster.keyspace("commerce", "0");
      cluster.keyspace("customer", "0");
      FakeTablet source = cluster.tablet("commerce", "0");
      for (String table : MOVED) {
        source.tables.put(table, "CREATE TABLE `" + table + "` (\n  `id` int\n)");
      }
      target = cluster.tablet("customer", "0");
      trial =
          new SagaTrial(
              cluster,
              new CopyPlanner(
                  cluster.cluster(), this::created, DifferenceGuard.NONE, Time.system()));
      cluster.gate(this::observe);
      cluster.topoGate(this::observe);
    }

    private java.util.Optional<Set<String>> created(dev.shunt.saga.Task task) {
      return trial.log.ofType(WorkflowCreated.class).stream()
          .findFirst()
          .map(event -> Set.copyOf(event.createdTables()));
    }

    private void observe(String call) {
      Set<String> open = new TreeSet<>(MOVED);
      open.retainAll(target.tables.keySet());
      open.removeAll(target.denied);
      if (!open.isEmpty()) {
        served.add(open + " at " + call);
      }
      if (left-- <= 0) {
        throw new Killed();
      }
      if (call.startsWith(failing)) {
        throw new TabletException(Status.Code.UNKNOWN, "no: " + call, new IllegalStateException());
      }
    }

    /** Kills a run at its n-th call; whether it came that far. */
    boolean kill(Command command, int n) {
      left = n;
      try {
        var unused = trial.run(command);
        return false;
      } catch (Killed e) {
        return true;
      } finally {
        left = Integer.MAX_VALUE;
      }
    }

    List<String> denied() {
      return DeniedTables.of(cluster.topo.shard("customer", "0").orElseThrow().value());
    }

    @Override
    public void close() {
      cluster.close();
    }
  }

  private World world(String name) throws IOException {
    return new World(Files.createDirectory(folder.resolve(name)));
  }

  private static WorkflowDelete cancel() {
    return new WorkflowDelete(Samples.header("c2"), false, false);
  }

  @Test
  void noTableOfTheTargetTakesWritesWhereverACreationDies() throws Exception {
    int n = 0;
    for (boolean killed = true; killed; n++) {
      try (World world = world("n" + n)) {
        killed = world.kill(Samples.create("c1", "corder", "customer"), n);
        assertThat(world.trial.outcome(Samples.create("c1", "corder", "customer")))
            .startsWith("succeeded");
        assertThat(world.served).as("killed at call %d", n).isEmpty();
        assertThat(world.denied()).containsExactly("corder", "customer");
      }
    }
    assertThat(n).isGreaterThan(30);
  }

  private static void assertTakenBack(World world, String when) {
    assertThat(world.served).as(when).isEmpty();
    assertThat(world.target.tables).as(when).isEmpty();
    assertThat(world.target.streams).as(when).isEmpty();
    assertThat(world.denied()).as(when).isEmpty();
    assertThat(world.target.denied).as(when).isEmpty();
  }

  @Test
  void aCreationThatFailsDropsItsTablesFirstAndLeavesNoDenialBehind() throws Exception {
    for (String failing : List.of("create", "applySchema", "update")) {
      try (World world = world(failing)) {
        world.failing = failing;
        assertThat(world.trial.outcome(Samples.create("c1", "corder", "customer")))
            .startsWith("command failed");
        assertTakenBack(world, failing);
      }
    }
  }

  @Test
  void soItDoesWhereverItWasInterruptedBefore() throws Exception {
    int n = 0;
    for (boolean killed = true; killed; n++) {
      try (World world = world("n" + n)) {
        killed = world.kill(Samples.create("c1", "corder", "customer"), n);
        if (killed) {
          world.failing = "update";
          assertThat(world.trial.outcome(Samples.create("c1", "corder", "customer")))
              .startsWith("command failed");
          assertTakenBack(world, "killed at call " + n);
        }
      }
    }
    assertThat(n).isGreaterThan(30);
  }

  @Test
  void noTableOfTheTargetTakesWritesWhereverACancellationDies() throws Exception {
    int n = 0;
    for (boolean killed = true; killed; n++) {
      try (World world = world("n" + n)) {
        assertThat(world.trial.outcome(Samples.create("c1", "corder", "customer")))
            .startsWith("succeeded");
        killed = world.kill(cancel(), n);
        assertThat(world.trial.outcome(cancel())).startsWith("succeeded");
        assertThat(world.served).as("killed at call %d", n).isEmpty();
        assertThat(world.target.tables).isEmpty();
        assertThat(world.denied()).isEmpty();
      }
    }
    assertThat(n).isGreaterThan(20);
  }

  @Test
  void rowsThatATargetTookBeforeItsDenialAreFoundAndStay() throws Exception {
    try (World world = world("one")) {
      world.target.tables.put("corder", "CREATE TABLE `corder` (\n  `id` int\n)");
      world.cluster.gate(call -> {
        if (call.startsWith("create")) {
          world.target.rows.put("corder", List.of(List.of("1", "late")));
        }
      });
      assertThat(world.trial.outcome(Samples.create("c1", "corder", "customer")))
          .startsWith("command failed FAILED_PRECONDITION non-empty table(s) found")
          .contains("corder");
      assertThat(world.target.tables.keySet()).containsExactly("corder");
      assertThat(world.target.streams).isEmpty();
      assertThat(world.denied()).isEmpty();
      assertThat(world.cluster.calls).anyMatch(call -> call.startsWith("drain"));
    }
  }

  /** A cell beside the one that all tablets of the move are in, with the primary of another. */
  private static void addDeadCell(World world) {
    world.cluster.topo.createCell(
        "zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
    world.cluster.topo.createKeyspace("elsewhere", Topodata.Keyspace.getDefaultInstance());
    var unused = world.cluster.topo.createShard("elsewhere", "0");
    world.cluster.topo.registerTablet(
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone2").setUid(900))
            .setHostname("127.0.0.1")
            .setKeyspace("elsewhere")
            .setShard("0")
            .setType(Topodata.TabletType.PRIMARY)
            .build());
    world.cluster.cellGate((call, cell) -> {
      if (cell.equals("zone2")) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "no answer from zone2: " + call);
      }
    });
  }

  @Test
  void aCellThatDoesNotAnswerKeepsNoCreationFromItsEnd() throws Exception {
    try (World world = world("created")) {
      addDeadCell(world);
      assertThat(world.trial.outcome(Samples.create("c1", "corder", "customer")))
          .startsWith("succeeded");
      assertThat(world.denied()).containsExactly("corder", "customer");
    }
    try (World world = world("taken back")) {
      addDeadCell(world);
      world.failing = "update";
      assertThat(world.trial.outcome(Samples.create("c1", "corder", "customer")))
          .startsWith("command failed UNKNOWN no: update");
      assertTakenBack(world, "with a dead cell");
    }
  }

  @Test
  void othersGetTheKeyspacesWhileTablesAreDroppedAndStreamsDeleted() throws Exception {
    try (World world = world("one")) {
      assertThat(world.trial.outcome(Samples.create("c1", "corder", "customer")))
          .startsWith("succeeded");
      List<String> had = new ArrayList<>();
      world.cluster.gate(call -> {
        if (call.startsWith("dba drop") || call.startsWith("delete")) {
          for (String keyspace : List.of("commerce", "customer")) {
            try (TopoLock lock =
                world.cluster.topo.lockKeyspace(
                    keyspace, "another", Duration.ofSeconds(4), Duration.ZERO)) {
              had.add(call + " " + lock.path());
            }
          }
        }
      });
      assertThat(world.trial.outcome(cancel())).startsWith("succeeded");
      assertThat(had).hasSizeGreaterThanOrEqualTo(6);
    }
  }
}

package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.ServedShards;
import io.vitess.proto.Topodata;
import io.vitess.proto.Topodata.TabletType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Writes and reads of a keyspace go from its shard 0 to -80 and 80-, and back. */
class ReshardSwitchTest {

  @TempDir Path folder;

  @Test
  void switchesThereAndBackAndThere() {
    Resharding resharding = new Resharding(folder);
    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .isEqualTo("succeeded SwitchTraffic was successful for workflow customer.rs");
    resharding.assertSwitched();
    assertThat(resharding.trial.log.ofType(CommandSucceeded.class).getLast().attributes())
        .containsEntry("start_state", "Reads Not Switched. Writes Not Switched")
        .containsEntry("current_state", "All Reads Switched. Writes Switched");
    FakeRow reverse = resharding.streams(Resharding.ONE, "rs_reverse").getFirst();
    assertThat(reverse.source.getFilter().getRules(0).getMatch()).isEqualTo("/.*");
    assertThat(reverse.source.getFilter().getRules(0).getFilter()).isEqualTo("-");
    assertThat(resharding.cluster.tablet("customer", "0").journals.values())
        .allMatch(journal -> journal.contains("migration_type:SHARDS"));

    assertThat(resharding.trial.outcome(Resharding.backward("c2"))).startsWith("succeeded");
    resharding.assertServes(Resharding.ONE, Resharding.TWO);
    assertThat(resharding.streams(Resharding.TWO, "rs"))
        .allMatch(row -> row.state == VReplicationWorkflowState.Running);

    assertThat(resharding.trial.outcome(Resharding.forward("c3"))).startsWith("succeeded");
    resharding.assertServes(Resharding.TWO, Resharding.ONE);
  }

  @Test
  void switchesReadsAloneWithTheControlsOfVitess() {
    Resharding resharding = new Resharding(folder);
    SwitchTraffic reads =
        Resharding.command(
            Samples.header("c1", "rs"), Direction.FORWARD, List.of("REPLICA", "RDONLY"));
    assertThat(resharding.trial.outcome(reads)).startsWith("succeeded");

    assertThat(resharding.serving()).isEqualTo(Set.copyOf(Resharding.ONE));
    for (TabletType type : List.of(TabletType.REPLICA, TabletType.RDONLY)) {
      assertThat(ServedShards.referenced(resharding.served(), type))
          .isEqualTo(Set.copyOf(Resharding.TWO));
      assertThat(ServedShards.disabled(resharding.served(), type, "0")).isTrue();
    }
    assertThat(ServedShards.referenced(resharding.served(), TabletType.PRIMARY))
        .isEqualTo(Set.copyOf(Resharding.ONE));
    assertThat(resharding.trial.outcome(Resharding.forward("c2"))).startsWith("succeeded");
    resharding.assertSwitched();
  }

  @Test
  void switchesWritesAloneAndThenReads() {
    Resharding resharding = new Resharding(folder);
    SwitchTraffic writes =
        Resharding.command(Samples.header("c1", "rs"), Direction.FORWARD, List.of("PRIMARY"));
    assertThat(resharding.trial.outcome(writes)).startsWith("succeeded");
    assertThat(resharding.serving()).isEqualTo(Set.copyOf(Resharding.TWO));
    assertThat(ServedShards.referenced(resharding.served(), TabletType.REPLICA))
        .isEqualTo(Set.copyOf(Resharding.ONE));

    assertThat(resharding.trial.outcome(Resharding.forward("c2"))).startsWith("succeeded");
    resharding.assertSwitched();
  }

  /** Who reads or writes a shard would go on with one that nobody writes any more. */
  @Test
  void refusesWhileOthersHaveStreamsOnTheShards() {
    Resharding resharding = new Resharding(folder);
    resharding
        .cluster
        .tablet("customer", "0")
        .addStream("other", BinlogSource.newBuilder().setKeyspace("x").setShard("0").build());

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .startsWith("refused")
        .contains("0 (workflow customer.other, which is a MoveTables)");
    resharding.assertUndecided();
  }

  @Test
  void refusesWhenATargetShardHasLostItsStreams() {
    Resharding resharding = new Resharding(folder);
    resharding.cluster.tablet("customer", "80-").streams.clear();

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .startsWith("refused")
        .contains("do not have the same keyspace ids");
    assertThat(resharding.serving()).isEqualTo(Set.copyOf(Resharding.ONE));
  }

  /** Somebody has switched some of the shards by hand. */
  @Test
  void refusesWhenSomeShardsOfBothSidesServe() {
    Resharding resharding = new Resharding(folder);
    var unused =
        resharding.cluster.topo.updateShard(
            "customer", "-80", shard -> shard.toBuilder().setIsPrimaryServing(true).build());

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .startsWith("refused")
        .contains("neither all of [0] nor all of [-80, 80-]");
  }

  /**
   * A stock vttablet takes writes though its shard does not serve, and a cell that has not heard of
   * the switch sends it some: they would be in no shard that anybody reads.
   */
  @Test
  void aStockSourceGoesOnDenying() {
    Resharding resharding = new Resharding(folder);
    resharding.cluster.tablet("customer", "0").stock = true;

    assertThat(resharding.trial.outcome(Resharding.forward("c1"))).startsWith("succeeded");
    assertThat(
            DeniedTables.of(resharding.cluster.topo.shard("customer", "0").orElseThrow().value()))
        .containsExactly(DeniedTables.ALL);
    assertThat(resharding.serving()).isEqualTo(Set.copyOf(Resharding.TWO));

    assertThat(resharding.trial.outcome(Resharding.backward("c2"))).startsWith("succeeded");
    resharding.assertServes(Resharding.ONE, Resharding.TWO);
  }

  /** What nobody should see on the old shard would be seen on the new ones. */
  @Test
  void refusesWhileASourceDeniesSingleTables() {
    Resharding resharding = new Resharding(folder);
    var unused =
        resharding.cluster.topo.updateShard(
            "customer", "0", record -> DeniedTables.denied(record, List.of("old")));

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .startsWith("refused")
        .contains("customer/0 denies table(s) old");
  }

  /** A shard without a primary that serves nothing is in nobody's way. */
  @Test
  void switchesBesideAShardThatNobodyHasBegun() {
    Resharding resharding = new Resharding(folder);
    var unused = resharding.cluster.topo.createShard("customer", "-40");

    assertThat(resharding.trial.outcome(Resharding.forward("c1"))).startsWith("succeeded");
    resharding.assertSwitched();
  }

  /** The process that was to tell it has ended. */
  @Test
  void anotherSwitchTellsACellThatWasLeftBehind() {
    Resharding resharding = new Resharding(folder);
    assertThat(resharding.trial.outcome(Resharding.forward("c1"))).startsWith("succeeded");
    var unused =
        resharding.cluster.topo.updateSrvKeyspace(
            List.of(),
            "zone1",
            "customer",
            served ->
                ServedShards.moved(served, TabletType.PRIMARY, Resharding.TWO, Resharding.ONE));

    assertThat(
            resharding.trial.outcome(
                Resharding.command(
                    Samples.header("c2", "rs"), Direction.FORWARD, List.of("PRIMARY"))))
        .startsWith("succeeded")
        .contains("nothing was to be done");
    resharding.assertSwitched();
  }

  /** Reads of a cell that the command does not name are not taken back, and hold up nothing. */
  @Test
  void takesBackTheReadsOfItsCellsThoughAnotherIsAway() {
    Resharding resharding = new Resharding(folder);
    resharding.cluster.topo.createCell(
        "zone2", Topodata.CellInfo.newBuilder().setRoot("/zone2").build());
    resharding.cluster.topo.rebuildSrvKeyspace("customer", List.of());
    AtomicBoolean failed = new AtomicBoolean();
    resharding.cluster.cellGate((call, cell) -> {
      if (cell.equals("zone2")) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "no answer from zone2: " + call);
      }
      if (call.endsWith("updateSrvKeyspace") && failed.compareAndSet(false, true)) {
        throw new TopoException(TopoException.Kind.INVALID, "not now");
      }
    });
    SwitchTraffic reads =
        new SwitchTraffic(
            Samples.header("c1", "rs"),
            List.of("REPLICA"),
            List.of("zone1"),
            Direction.FORWARD,
            30_000,
            30_000,
            true,
            false,
            false);

    assertThat(resharding.trial.outcome(reads)).contains("not now");
    assertThat(failed).isTrue();
    assertThat(ServedShards.referenced(resharding.served(), TabletType.REPLICA))
        .isEqualTo(Set.copyOf(Resharding.ONE));
    assertThat(resharding.trial.outcome(withId(reads, "c2"))).startsWith("succeeded");
    assertThat(ServedShards.referenced(resharding.served(), TabletType.REPLICA))
        .isEqualTo(Set.copyOf(Resharding.TWO));
  }

  private static SwitchTraffic withId(SwitchTraffic command, String id) {
    return new SwitchTraffic(
        Samples.header(id, "rs"),
        command.tabletTypes(),
        command.cells(),
        command.direction(),
        30_000,
        30_000,
        true,
        false,
        false);
  }

  @Test
  void endsOneWayOrTheOtherWhereverAnyCallFailed() throws Exception {
    Resharding.failAtEachCall(folder, Resharding::new, Resharding::assertEnded);
  }

  /** A successor finishes it, from wherever its owner died. */
  @ParameterizedTest
  @EnumSource(Direction.class)
  void isFinishedWhereverItsOwnerDied(Direction way) throws Exception {
    int crashes = 0;
    for (int n = 1; n < 500; n++) {
      Resharding resharding = new Resharding(Files.createDirectory(folder.resolve(way.name() + n)));
      SwitchTraffic command = Resharding.forward("c1");
      if (way == Direction.BACKWARD) {
        assertThat(resharding.trial.outcome(command)).startsWith("succeeded");
        command = Resharding.backward("c2");
      }
      boolean killed = resharding.isKilled(command, n);
      crashes += killed ? 1 : 0;
      assertThat(resharding.trial.outcome(command))
          .as("killed at call %d: %s", n, resharding.trial.log.told())
          .startsWith("succeeded");
      if (way == Direction.FORWARD) {
        resharding.assertSwitched();
      } else {
        resharding.assertServes(Resharding.ONE, Resharding.TWO);
        assertThat(resharding.streams(Resharding.TWO, "rs"))
            .allMatch(row -> row.state == VReplicationWorkflowState.Running);
      }
      resharding.cluster.close();
      if (!killed) {
        assertThat(crashes).isGreaterThan(40);
        return;
      }
    }
    throw new IllegalStateException("never went through");
  }
}

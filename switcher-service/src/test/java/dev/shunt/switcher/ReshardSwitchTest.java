package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.TaskHandler;
import dev.shunt.saga.fake.FakeCluster;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.HurriedTime;
import dev.shunt.topo.TopoException;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.ServedShards;
import dev.shunt.workflow.streams.ReshardStreams;
import io.grpc.Status;
import io.vitess.proto.Topodata.SrvKeyspace;
import io.vitess.proto.Topodata.TabletType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Writes and reads of a keyspace go from its shard 0 to -80 and 80-, and back. */
class ReshardSwitchTest {
  private static final List<String> ALL = List.of("PRIMARY", "REPLICA", "RDONLY");
  private static final List<String> ONE = List.of("0");
  private static final List<String> TWO = List.of("-80", "80-");
  private static final ShardMigration SPLIT = new ShardMigration("customer", ONE, TWO);

  @TempDir Path folder;

  private static final class Killed extends Error {}

  /** A cluster with the workflow customer.rs, copied and running. */
  private static final class Resharding {
    final FakeCluster cluster;
    final SagaTrial trial;
    final List<String> bothWritable = new ArrayList<>();

    Resharding(Path folder) {
      cluster = new FakeCluster(folder, new HurriedTime());
      cluster.keyspace("customer", "0", "-80", "80-");
      cluster.shardById("customer", "corder");
      cluster.tablets.values().forEach(tablet -> tablet.tables.put("corder", "create table …"));
      ReshardStreams.forward(SPLIT, List.of(), "", false)
          .forEach((shard, sources) -> sources.forEach(source -> addStream(shard, source)));
      cluster.tablets.values().forEach(tablet -> cluster.of(tablet.record).refreshState());
      cluster.onRefresh(now -> {
        if (ONE.stream().anyMatch(this::writable) && TWO.stream().anyMatch(this::writable)) {
          bothWritable.add(String.join(" / ", now.calls));
        }
      });
      trial = new SagaTrial(cluster, new SwitchPlanner(cluster.cluster(), DifferenceGuard.NONE));
    }

    private void addStream(String shard, BinlogSource source) {
      FakeRow row = cluster.tablet("customer", shard).addStream("rs", source);
      row.type = VReplicationWorkflowType.Reshard;
      row.state = VReplicationWorkflowState.Running;
      row.position = "MariaDB/0-1-5";
    }

    boolean writable(String shard) {
      return !cluster.tablet("customer", shard).denied.contains(DeniedTables.ALL);
    }

    List<FakeRow> streams(List<String> shards, String workflow) {
      return shards.stream()
          .flatMap(shard -> cluster.tablet("customer", shard).streams(workflow).stream())
          .toList();
    }

    Set<String> serving() {
      Set<String> serving = new HashSet<>();
      cluster
          .topo
          .shards("customer")
          .forEach((name, shard) -> {
            if (shard.value().getIsPrimaryServing()) {
              serving.add(name);
            }
          });
      return serving;
    }

    SrvKeyspace served() {
      return cluster.topo.srvKeyspace("zone1", "customer").orElseThrow().value();
    }

    void assertServes(List<String> shards, List<String> others) {
      assertThat(bothWritable).isEmpty();
      assertThat(shards).allMatch(this::writable);
      assertThat(others).noneMatch(this::writable);
      assertThat(serving()).isEqualTo(Set.copyOf(shards));
      for (TabletType type : List.of(TabletType.PRIMARY, TabletType.REPLICA, TabletType.RDONLY)) {
        assertThat(ServedShards.referenced(served(), type))
            .as(type.name())
            .isEqualTo(Set.copyOf(shards));
      }
      cluster
          .topo
          .shards("customer")
          .forEach((name, shard) ->
              assertThat(shard.value().getTabletControlsList()).as(name).isEmpty());
    }

    void assertSwitched() {
      assertServes(TWO, ONE);
      assertThat(streams(TWO, "rs"))
          .hasSize(2)
          .allMatch(row -> row.message.equals("FROZEN"))
          .allMatch(row -> row.state == VReplicationWorkflowState.Stopped);
      assertThat(streams(ONE, "rs_reverse"))
          .hasSize(2)
          .allMatch(row -> row.state == VReplicationWorkflowState.Running)
          .allMatch(row -> row.type == VReplicationWorkflowType.Reshard);
      assertThat(cluster.tablet("customer", "0").journals).hasSize(1);
    }

    void assertUndecided() {
      assertServes(ONE, TWO);
      assertThat(streams(TWO, "rs"))
          .hasSize(2)
          .allMatch(row -> row.message.isEmpty())
          .allMatch(row -> row.state == VReplicationWorkflowState.Running);
      assertThat(streams(ONE, "rs_reverse")).isEmpty();
      assertThat(cluster.tablet("customer", "0").journals).isEmpty();
    }

    void assertEnded(String outcome) {
      if (outcome.startsWith("succeeded")) {
        assertSwitched();
      } else {
        assertThat(outcome).containsAnyOf("command failed", "refused");
        assertUndecided();
      }
    }

    void gate(Consumer<String> gate) {
      cluster.gate(gate);
      cluster.topoGate(gate);
      trial.log.gate(gate);
    }

    void leaveAlone() {
      gate(call -> {});
    }
  }

  private static SwitchTraffic command(CommandHeader header, Direction way, List<String> types) {
    return new SwitchTraffic(header, types, List.of(), way, 30_000, 30_000, true, false, false);
  }

  private static SwitchTraffic forward(String id) {
    return command(Samples.header(id, "rs"), Direction.FORWARD, ALL);
  }

  private static SwitchTraffic backward(String id) {
    return command(Samples.header(id, "rs"), Direction.BACKWARD, ALL);
  }

  @Test
  void switchesThereAndBackAndThere() {
    Resharding resharding = new Resharding(folder);
    assertThat(resharding.trial.outcome(forward("c1")))
        .isEqualTo("succeeded SwitchTraffic was successful for workflow customer.rs");
    resharding.assertSwitched();
    assertThat(resharding.trial.log.ofType(CommandSucceeded.class).getLast().attributes())
        .containsEntry("start_state", "Reads Not Switched. Writes Not Switched")
        .containsEntry("current_state", "All Reads Switched. Writes Switched");
    FakeRow reverse = resharding.streams(ONE, "rs_reverse").getFirst();
    assertThat(reverse.source.getFilter().getRules(0).getMatch()).isEqualTo("/.*");
    assertThat(reverse.source.getFilter().getRules(0).getFilter()).isEqualTo("-");
    assertThat(resharding.cluster.tablet("customer", "0").journals.values())
        .allMatch(journal -> journal.contains("migration_type:SHARDS"));

    assertThat(resharding.trial.outcome(backward("c2"))).startsWith("succeeded");
    resharding.assertServes(ONE, TWO);
    assertThat(resharding.streams(TWO, "rs"))
        .allMatch(row -> row.state == VReplicationWorkflowState.Running);

    assertThat(resharding.trial.outcome(forward("c3"))).startsWith("succeeded");
    resharding.assertServes(TWO, ONE);
  }

  @Test
  void switchesReadsAloneWithTheControlsOfVitess() {
    Resharding resharding = new Resharding(folder);
    SwitchTraffic reads =
        command(Samples.header("c1", "rs"), Direction.FORWARD, List.of("REPLICA", "RDONLY"));
    assertThat(resharding.trial.outcome(reads)).startsWith("succeeded");

    assertThat(resharding.serving()).isEqualTo(Set.copyOf(ONE));
    for (TabletType type : List.of(TabletType.REPLICA, TabletType.RDONLY)) {
      assertThat(ServedShards.referenced(resharding.served(), type)).isEqualTo(Set.copyOf(TWO));
      assertThat(ServedShards.disabled(resharding.served(), type, "0")).isTrue();
    }
    assertThat(ServedShards.referenced(resharding.served(), TabletType.PRIMARY))
        .isEqualTo(Set.copyOf(ONE));
    assertThat(resharding.trial.outcome(forward("c2"))).startsWith("succeeded");
    resharding.assertSwitched();
  }

  @Test
  void switchesWritesAloneAndThenReads() {
    Resharding resharding = new Resharding(folder);
    SwitchTraffic writes =
        command(Samples.header("c1", "rs"), Direction.FORWARD, List.of("PRIMARY"));
    assertThat(resharding.trial.outcome(writes)).startsWith("succeeded");
    assertThat(resharding.serving()).isEqualTo(Set.copyOf(TWO));
    assertThat(ServedShards.referenced(resharding.served(), TabletType.REPLICA))
        .isEqualTo(Set.copyOf(ONE));

    assertThat(resharding.trial.outcome(forward("c2"))).startsWith("succeeded");
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

    assertThat(resharding.trial.outcome(forward("c1")))
        .startsWith("refused")
        .contains("0 (workflow customer.other)");
    resharding.assertUndecided();
  }

  @Test
  void refusesWhenATargetShardHasLostItsStreams() {
    Resharding resharding = new Resharding(folder);
    resharding.cluster.tablet("customer", "80-").streams.clear();

    assertThat(resharding.trial.outcome(forward("c1")))
        .startsWith("refused")
        .contains("do not have the same keyspace ids");
    assertThat(resharding.serving()).isEqualTo(Set.copyOf(ONE));
  }

  /** Somebody has switched some of the shards by hand. */
  @Test
  void refusesWhenSomeShardsOfBothSidesServe() {
    Resharding resharding = new Resharding(folder);
    var unused =
        resharding.cluster.topo.updateShard(
            "customer", "-80", shard -> shard.toBuilder().setIsPrimaryServing(true).build());

    assertThat(resharding.trial.outcome(forward("c1")))
        .startsWith("refused")
        .contains("neither all of [0] nor all of [-80, 80-]");
  }

  @Test
  void endsOneWayOrTheOtherWhereverAnyCallFailed() throws Exception {
    for (int n = 0; n < 500; n++) {
      Resharding resharding = new Resharding(Files.createDirectory(folder.resolve("n" + n)));
      AtomicInteger left = new AtomicInteger(n);
      failAt(resharding, left);
      String outcome = resharding.trial.outcome(forward("c1"));
      resharding.leaveAlone();
      try {
        resharding.assertEnded(outcome);
      } catch (AssertionError e) {
        throw new AssertionError(
            "failed at call %d: %s".formatted(n, resharding.trial.log.told()), e);
      }
      resharding.cluster.close();
      if (left.get() >= 0) {
        return;
      }
    }
    throw new IllegalStateException("never went through");
  }

  private static void failAt(Resharding resharding, AtomicInteger left) {
    resharding.cluster.gate(call -> {
      if (left.getAndDecrement() == 0) {
        throw new TabletException(
            Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
      }
    });
    resharding.cluster.topoGate(call -> {
      if (left.getAndDecrement() == 0) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "gone: " + call);
      }
    });
    resharding.trial.log.gate(event -> {
      if (left.getAndDecrement() == 0) {
        throw new IllegalStateException("lost: " + event);
      }
    });
  }

  /** A successor finishes it, from wherever its owner died. */
  @ParameterizedTest
  @EnumSource(Direction.class)
  void isFinishedWhereverItsOwnerDied(Direction way) throws Exception {
    int crashes = 0;
    for (int n = 1; n < 500; n++) {
      Resharding resharding = new Resharding(Files.createDirectory(folder.resolve(way.name() + n)));
      SwitchTraffic command = forward("c1");
      if (way == Direction.BACKWARD) {
        assertThat(resharding.trial.outcome(command)).startsWith("succeeded");
        command = backward("c2");
      }
      int[] left = {n};
      resharding.gate(call -> {
        if (left[0]-- <= 0) {
          throw new Killed();
        }
      });
      boolean killed = killed(resharding.trial, command);
      resharding.leaveAlone();
      crashes += killed ? 1 : 0;
      assertThat(resharding.trial.outcome(command))
          .as("killed at call %d: %s", n, resharding.trial.log.told())
          .startsWith("succeeded");
      if (way == Direction.FORWARD) {
        resharding.assertSwitched();
      } else {
        resharding.assertServes(ONE, TWO);
        assertThat(resharding.streams(TWO, "rs"))
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

  private static boolean killed(SagaTrial trial, SwitchTraffic command) {
    try {
      return trial.run(command) != TaskHandler.Result.FINISHED;
    } catch (Killed e) {
      return true;
    }
  }
}

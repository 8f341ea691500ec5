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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** A cluster with the workflow customer.rs, copied and running. */
final class Resharding {
  static final List<String> ALL = List.of("PRIMARY", "REPLICA", "RDONLY");
  static final List<String> ONE = List.of("0");
  static final List<String> TWO = List.of("-80", "80-");
  private static final ShardMigration SPLIT = new ShardMigration("customer", ONE, TWO);

  private static final class Killed extends Error {}

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
        .forEach(
            (name, shard) -> assertThat(shard.value().getTabletControlsList()).as(name).isEmpty());
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

  static SwitchTraffic command(CommandHeader header, Direction way, List<String> types) {
    return new SwitchTraffic(header, types, List.of(), way, 30_000, 30_000, true, false, false);
  }

  static SwitchTraffic forward(String id) {
    return command(Samples.header(id, "rs"), Direction.FORWARD, ALL);
  }

  static SwitchTraffic backward(String id) {
    return command(Samples.header(id, "rs"), Direction.BACKWARD, ALL);
  }

  /**
   * Lets each call of a switch forward fail once, until one goes through, and shows how each ended.
   *
   * @param make a new one in a folder
   * @param ended looks at it and at the outcome
   */
  static void failAtEachCall(
      Path folder, Function<Path, Resharding> make, BiConsumer<Resharding, String> ended)
      throws IOException {
    for (int n = 0; n < 500; n++) {
      Resharding resharding = make.apply(Files.createDirectory(folder.resolve("n" + n)));
      AtomicInteger left = new AtomicInteger(n);
      resharding.failAt(left);
      String outcome = resharding.trial.outcome(forward("c1"));
      resharding.leaveAlone();
      try {
        ended.accept(resharding, outcome);
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

  /** The call fails that comes behind this many others. */
  private void failAt(AtomicInteger left) {
    cluster.gate(call -> {
      if (left.getAndDecrement() == 0) {
        throw new TabletException(
            Status.Code.UNAVAILABLE, "gone: " + call, new IllegalStateException());
      }
    });
    cluster.topoGate(call -> {
      if (left.getAndDecrement() == 0) {
        throw new TopoException(TopoException.Kind.UNAVAILABLE, "gone: " + call);
      }
    });
    trial.log.gate(event -> {
      if (left.getAndDecrement() == 0) {
        throw new IllegalStateException("lost: " + event);
      }
    });
  }

  /**
   * Whether its owner dies at the call that comes behind this many others, and at all later ones.
   */
  boolean isKilled(SwitchTraffic command, int calls) {
    int[] left = {calls};
    gate(call -> {
      if (left[0]-- <= 0) {
        throw new Killed();
      }
    });
    try {
      return trial.run(command) != TaskHandler.Result.FINISHED;
    } catch (Killed e) {
      return true;
    } finally {
      leaveAlone();
    }
  }
}

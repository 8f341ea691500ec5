package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.TaskHandler;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A switch to where traffic goes already, by the routing rules, when a switch the other way was
 * interrupted and nobody goes on with it: nobody may be told that all is well while writes wait.
 */
class SwitchOtherWayTest {
  private static final List<String> ONE = List.of("0");

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  /** Stands for the death of the process. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static SwitchTraffic command(String id, Direction way) {
    return command(id, way, false);
  }

  private static SwitchTraffic command(String id, Direction way, boolean dryRun) {
    return new SwitchTraffic(
        dryRun ? Samples.dryRun(id) : Samples.header(id),
        List.of("PRIMARY", "REPLICA", "RDONLY"),
        List.of(),
        way,
        30_000,
        30_000,
        true,
        false,
        false);
  }

  /** Of somebody who has no log of what others did. */
  private static SagaTrial trial(Moving moving) {
    return new SagaTrial(
        moving.cluster, new SwitchPlanner(moving.cluster.cluster(), DifferenceGuard.NONE));
  }

  /** Runs a command that dies at the nth call; false when it ended before. */
  private static boolean diesAt(Moving moving, SwitchTraffic command, int n) {
    SagaTrial trial = trial(moving);
    int[] left = {n};
    Consumer<String> gate =
        call -> {
          if (left[0]-- <= 0) {
            throw new Killed();
          }
        };
    moving.cluster.gate(gate);
    moving.cluster.topoGate(gate);
    try {
      return trial.run(command) != TaskHandler.Result.FINISHED;
    } catch (Killed e) {
      return true;
    } finally {
      moving.cluster.gate(call -> {});
      moving.cluster.topoGate(call -> {});
    }
  }

  private static void assertWritesFlow(Moving moving) {
    boolean switched = moving.route("corder").equals("customer.corder");
    assertThat(moving.bothWritable).isEmpty();
    assertThat(moving.open("customer", moving.targetShards)).as("target open").isEqualTo(switched);
    assertThat(moving.open("commerce", moving.sourceShards)).as("source open").isEqualTo(!switched);
  }

  @ParameterizedTest
  @CsvSource({"0,0,BACKWARD", "-80 80-,0,BACKWARD", "0,-80 80-,BACKWARD", "0,-80 80-,FORWARD"})
  void opensTheSideThatServesOrNamesWhatFinishesIt(String from, String to, Direction dying)
      throws Exception {
    Direction other = dying == Direction.FORWARD ? Direction.BACKWARD : Direction.FORWARD;
    int opened = 0;
    int named = 0;
    for (int n = 0; n < 400; n++) {
      Path own = Files.createDirectory(folder.resolve("n" + n));
      Moving moving = Moving.hurried(own, List.of(from.split(" ", -1)), List.of(to.split(" ", -1)));
      assertThat(trial(moving).outcome(command("there", Direction.FORWARD))).startsWith("succ");
      if (dying == Direction.FORWARD) {
        assertThat(trial(moving).outcome(command("back", Direction.BACKWARD))).startsWith("succ");
      }
      boolean died = diesAt(moving, command("dies", dying), n);

      String outcome = trial(moving).outcome(command("other", other));
      if (outcome.startsWith("succeeded")) {
        opened++;
      } else {
        // Behind the routing it is a switch like any other, whose streams do not run yet.
        String finishing = "finish it with " + (other == Direction.FORWARD ? "Reverse" : "Switch");
        assertThat(outcome)
            .as("killed at call %d", n)
            .containsAnyOf(finishing, "is stopped and behind its source: start the workflow");
        named += outcome.contains(finishing) ? 1 : 0;
        assertThat(trial(moving).outcome(command("finishes", dying))).startsWith("succeeded");
      }
      assertWritesFlow(moving);
      moving.cluster.close();
      if (!died) {
        break;
      }
    }
    assertThat(opened).as("taken back, or done").isGreaterThan(20);
    assertThat(named).as("decided").isPositive();
  }

  @Test
  void aDryRunTakesNothingBack() throws Exception {
    for (int n = 0; n < 400; n++) {
      Moving moving = Moving.hurried(Files.createDirectory(folder.resolve("n" + n)), ONE, ONE);
      assertThat(trial(moving).outcome(command("there", Direction.FORWARD))).startsWith("succ");
      boolean died = diesAt(moving, command("dies", Direction.BACKWARD), n);
      boolean open = moving.open("customer", ONE);
      boolean there = moving.route("corder").equals("customer.corder");
      String outcome = trial(moving).outcome(command("other", Direction.FORWARD, true));
      if (there && !open) {
        assertThat(outcome).doesNotContain("No changes required");
      }
      assertThat(moving.open("customer", ONE)).isEqualTo(open);
      moving.cluster.close();
      if (!died) {
        return;
      }
    }
    throw new IllegalStateException("never went through");
  }

  @Test
  void doesNotTakeOldRoutingRulesThatSomebodyPutBackForAReversal() {
    Moving moving = Moving.hurried(folder, ONE, ONE);
    assertThat(trial(moving).outcome(command("there", Direction.FORWARD))).startsWith("succeeded");
    moving.cluster.topo.updateRoutingRules(rules -> TableRouting.created(rules, Moving.MOVE));
    moving.cluster.topo.rebuildSrvVSchema(List.of());

    assertThat(trial(moving).outcome(command("back", Direction.BACKWARD)))
        .contains("which denies the tables")
        .contains("finish it with SwitchTraffic");
    assertThat(trial(moving).outcome(command("again", Direction.FORWARD))).startsWith("succeeded");
    assertWritesFlow(moving);
  }

  @Test
  void opensNoDenialOfAnotherWorkflow() {
    Moving moving = Moving.hurried(folder, ONE, ONE);
    assertThat(trial(moving).outcome(command("there", Direction.FORWARD))).startsWith("succeeded");
    moving.cluster.keyspace("third", "0");
    FakeRow stream =
        moving
            .cluster
            .tablet("third", "0")
            .addStream(
                "further",
                BinlogSource.newBuilder()
                    .setKeyspace("customer")
                    .setShard("0")
                    .setFilter(Filter.newBuilder().addRules(Rule.newBuilder().setMatch("corder")))
                    .build());
    assertThat(stream.workflow).isEqualTo("further");
    deny(moving);

    assertThat(trial(moving).outcome(command("again", Direction.FORWARD)))
        .contains("other workflows have some of them: corder (workflow third.further)");
    assertThat(moving.open("customer", ONE)).isFalse();
  }

  /** Writes wait all the while: no failure may be its outcome. */
  @Test
  void goesOnTakingBackWhenTheTabletIsAwayForLong() {
    Moving moving = Moving.hurried(folder, ONE, ONE);
    assertThat(trial(moving).outcome(command("there", Direction.FORWARD))).startsWith("succeeded");
    deny(moving);
    SagaTrial trial = trial(moving);
    boolean[] begun = {false};
    trial.log.gate(event -> begun[0] |= event.equals("started take-back"));
    moving.cluster.gate(call -> {
      if (begun[0]) {
        throw new TabletException(Status.Code.UNAVAILABLE, "gone", new IllegalStateException());
      }
    });
    SwitchTraffic again = command("again", Direction.FORWARD);
    for (int i = 0; i < 3; i++) {
      assertThat(trial.run(again)).isEqualTo(TaskHandler.Result.AGAIN);
    }
    moving.cluster.gate(call -> {});

    assertThat(trial.outcome(again)).startsWith("succeeded");
    assertWritesFlow(moving);
  }

  /** A tablet that answers and takes no writes must not end what has begun to open a side. */
  @Test
  void goesOnTakingBackWhenEarlierRunsCanNotBeFencedOff() {
    Moving moving = Moving.hurried(folder, ONE, ONE);
    assertThat(trial(moving).outcome(command("there", Direction.FORWARD))).startsWith("succeeded");
    deny(moving);
    SagaTrial trial = trial(moving);
    moving.cluster.gate(call -> {
      if (call.startsWith("showFence")) {
        throw new TabletException(Status.Code.UNAVAILABLE, "gone", new IllegalStateException());
      }
    });
    SwitchTraffic again = command("again", Direction.FORWARD);
    for (int i = 0; i < 2; i++) {
      assertThat(trial.run(again)).isEqualTo(TaskHandler.Result.AGAIN);
    }
    moving.cluster.gate(call -> {});

    assertThat(trial.outcome(again)).startsWith("succeeded");
    assertWritesFlow(moving);
  }

  /** What it checks before it begins must not keep closed what it has begun to open. */
  @Test
  void goesOnTakingBackThoughAStreamFailsMeanwhile() throws Exception {
    Moving moving = Moving.hurried(folder, ONE, ONE);
    for (int n = 0; moving.open("commerce", ONE); n++) {
      moving.cluster.close();
      moving = Moving.hurried(Files.createDirectory(folder.resolve("n" + n)), ONE, ONE);
      assertThat(diesAt(moving, command("dies", Direction.FORWARD), n)).isTrue();
    }
    SagaTrial trial = trial(moving);
    boolean[] begun = {false};
    trial.log.gate(event -> begun[0] |= event.equals("started take-back"));
    moving.cluster.gate(call -> {
      if (begun[0]) {
        throw new TabletException(Status.Code.UNAVAILABLE, "gone", new IllegalStateException());
      }
    });
    SwitchTraffic again = command("again", Direction.FORWARD);
    assertThat(trial.run(again)).isEqualTo(TaskHandler.Result.AGAIN);
    moving.cluster.gate(call -> {});
    for (FakeRow row : moving.streams("customer", ONE, "c2c")) {
      row.state = VReplicationWorkflowState.Error;
      row.message = "Duplicate entry '1' for key 'PRIMARY'";
    }

    assertThat(trial.outcome(again)).isNotEmpty();
    assertThat(moving.open("commerce", ONE)).isTrue();
  }

  private static void deny(Moving moving) {
    var unused =
        moving.cluster.topo.updateShard(
            "customer", "0", shard -> DeniedTables.denied(shard, Moving.MOVE.tables()));
    moving.cluster.tablets.values().forEach(one -> moving.cluster.of(one.record).refreshState());
  }

  @Test
  void refusesWhereNobodyCanTellWhyTheSideThatServesIsClosed() {
    Moving moving = Moving.hurried(folder, ONE, ONE);
    assertThat(trial(moving).outcome(command("there", Direction.FORWARD))).startsWith("succeeded");
    moving.cluster.tablet("commerce", "0").streams.clear();
    deny(moving);

    assertThat(trial(moving).outcome(command("again", Direction.FORWARD)))
        .contains("shard customer/0 denies the tables")
        .contains("setshardtabletcontrol --remove");
  }
}

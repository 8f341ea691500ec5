package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.workflow.routing.DeniedTables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a switch makes of a source that denies the tables though this workflow is not switched. */
class ForeignDenialTest {
  private static final SwitchTraffic SWITCH =
      new SwitchTraffic(
          Samples.header("c1"),
          List.of("PRIMARY", "REPLICA", "RDONLY"),
          List.of(),
          Direction.FORWARD,
          30_000,
          30_000,
          true,
          false,
          false);

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private Moving moving;
  private SagaTrial trial;

  @BeforeEach
  void setUp() {
    moving = new Moving(folder, List.of("0"), List.of("0"));
    trial =
        new SagaTrial(
            moving.cluster, new SwitchPlanner(moving.cluster.cluster(), DifferenceGuard.NONE));
    var unused =
        moving.cluster.topo.updateShard(
            "commerce", "0", shard -> DeniedTables.denied(shard, List.of("corder")));
  }

  @AfterEach
  void tearDown() {
    moving.cluster.close();
  }

  private List<String> denied() {
    return DeniedTables.of(moving.cluster.topo.shard("commerce", "0").orElseThrow().value());
  }

  @Test
  void takesBackWhatAnInterruptedSwitchOfItsOwnMustHaveLeft() {
    assertThat(trial.outcome(SWITCH)).startsWith("succeeded");
    assertThat(trial.log.told()).contains("finished take-back");
  }

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Of another command or tool, so that no event of it is known. */
  @Test
  void finishesWhatWasInterruptedBehindItsJournal() {
    var unused =
        moving.cluster.topo.updateShard(
            "commerce", "0", shard -> DeniedTables.allowed(shard, List.of("corder")));
    moving.cluster.gate(call -> {
      if (!moving.cluster.tablet("commerce", "0").journals.isEmpty()) {
        throw new Killed();
      }
    });
    assertThatThrownBy(() -> trial.run(SWITCH)).isInstanceOf(Killed.class);
    List<String> opened = new ArrayList<>();
    moving.cluster.gate(call -> {
      if (moving.writable("commerce", moving.sourceShards)) {
        opened.add(call);
      }
    });
    assertThat(moving.route("corder")).isEqualTo("commerce.corder");

    SagaTrial another =
        new SagaTrial(
            moving.cluster, new SwitchPlanner(moving.cluster.cluster(), DifferenceGuard.NONE));
    assertThat(another.outcome(SWITCH)).startsWith("succeeded");

    assertThat(opened).as("calls while the source took writes again").isEmpty();
    assertThat(moving.bothWritable).isEmpty();
    assertThat(moving.route("corder")).isEqualTo("customer.corder");
    assertThat(denied()).contains("corder");
    assertThat(moving.open("customer", moving.targetShards)).isTrue();
    assertThat(moving.cluster.tablet("commerce", "0").journals).hasSize(1);
  }

  @Test
  void leavesADenialWhenAnotherWorkflowHasTheTable() {
    moving.cluster.keyspace("other", "0");
    var unused =
        moving
            .cluster
            .tablet("other", "0")
            .addStream(
                "o2o",
                BinlogSource.newBuilder()
                    .setKeyspace("commerce")
                    .setShard("0")
                    .setFilter(Filter.newBuilder().addRules(Rule.newBuilder().setMatch("corder")))
                    .build());

    assertThat(trial.outcome(SWITCH))
        .isEqualTo(
            "refused FAILED_PRECONDITION cannot switch traffic for workflow c2c at this time:"
                + " writes of its tables are denied already, and other workflows have some of them:"
                + " corder (workflow other.o2o); complete or cancel them first");

    assertThat(denied()).containsExactly("corder");
  }

  @Test
  void leavesADenialWhileTheCopyIsInProgress() {
    moving.cluster.tablet("customer", "0").streams("c2c").getFirst().state =
        VReplicationWorkflowState.Copying;

    assertThat(trial.outcome(SWITCH)).endsWith("at this time: copy is still in progress");

    assertThat(denied()).containsExactly("corder");
  }
}

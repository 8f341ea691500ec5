package dev.shunt.switcher;

import static dev.shunt.switcher.Resharding.ONE;
import static dev.shunt.switcher.Resharding.TWO;
import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.BinlogSource;
import binlogdata.Binlogdata.Filter;
import binlogdata.Binlogdata.Rule;
import binlogdata.Binlogdata.VReplicationWorkflowState;
import binlogdata.Binlogdata.VReplicationWorkflowType;
import dev.shunt.saga.fake.FakeRow;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Direction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Workflow customer.mat fills shard 0 from commerce/0, and goes on with -80 and 80- when these take
 * its place.
 */
class StreamMigratorTest {
  private static final String STOPPED_AT = "MariaDB/0-1-77";

  @TempDir Path folder;

  private static Resharding resharding(Path folder) {
    Resharding resharding = new Resharding(folder);
    resharding.cluster.keyspace("commerce", "0");
    resharding.cluster.tablet("commerce", "0").position = 77;
    FakeRow row = add(resharding, "customer", "0", "mat", "commerce");
    row.cells = "zone1";
    return resharding;
  }

  /** A running stream of a Materialize that reads shard 0 of a keyspace. */
  private static FakeRow add(
      Resharding resharding, String keyspace, String shard, String workflow, String from) {
    FakeRow row =
        resharding
            .cluster
            .tablet(keyspace, shard)
            .addStream(
                workflow,
                BinlogSource.newBuilder()
                    .setKeyspace(from)
                    .setShard("0")
                    .setFilter(
                        Filter.newBuilder()
                            .addRules(
                                Rule.newBuilder()
                                    .setMatch("corder")
                                    .setFilter("select * from orders where n > 1")))
                    .build());
    row.type = VReplicationWorkflowType.Materialize;
    row.state = VReplicationWorkflowState.Running;
    row.position = "MariaDB/0-1-70";
    return row;
  }

  private static void assertMigrated(Resharding resharding) {
    resharding.assertSwitched();
    assertThat(resharding.streams(ONE, "mat")).isEmpty();
    for (String shard : TWO) {
      assertThat(resharding.streams(List.of(shard), "mat"))
          .singleElement()
          .satisfies(row -> {
            assertThat(row.state).isEqualTo(VReplicationWorkflowState.Running);
            assertThat(row.message).isEmpty();
            assertThat(row.position).isEqualTo(STOPPED_AT);
            assertThat(row.type).isEqualTo(VReplicationWorkflowType.Materialize);
            assertThat(row.cells).isEqualTo("zone1");
            assertThat(row.source.getKeyspace()).isEqualTo("commerce");
            assertThat(row.source.getFilter().getRules(0).getFilter())
                .isEqualTo(
                    "select * from orders where n > 1 and in_keyrange(id, 'customer.hash', '%s')"
                        .formatted(shard));
          });
    }
    assertThat(resharding.cluster.tablet("customer", "0").journals.values())
        .allMatch(journal -> journal.contains("source_workflows:\"mat\""));
  }

  private static void assertStaysOnTheSource(Resharding resharding) {
    resharding.assertUndecided();
    assertThat(resharding.streams(TWO, "mat")).isEmpty();
    assertThat(resharding.streams(ONE, "mat"))
        .singleElement()
        .satisfies(row -> {
          assertThat(row.state).isEqualTo(VReplicationWorkflowState.Running);
          assertThat(row.message).isEmpty();
          assertThat(row.stopPosition).isEmpty();
        });
  }

  @Test
  void goesOnWithTheNewShardsThereAndBack() {
    Resharding resharding = resharding(folder);
    assertThat(resharding.trial.outcome(Resharding.forward("c1"))).startsWith("succeeded");
    assertMigrated(resharding);

    assertThat(resharding.trial.outcome(Resharding.backward("c2"))).startsWith("succeeded");
    resharding.assertServes(ONE, TWO);
    assertThat(resharding.streams(TWO, "mat")).isEmpty();
    assertThat(resharding.streams(ONE, "mat"))
        .singleElement()
        .satisfies(row -> {
          assertThat(row.state).isEqualTo(VReplicationWorkflowState.Running);
          assertThat(row.source.getFilter().getRules(0).getFilter())
              .isEqualTo(
                  "select * from orders where n > 1 and in_keyrange(id, 'customer.hash', '-')");
        });
  }

  @Test
  void aDryRunTellsWhatIsBroughtAlong() {
    Resharding resharding = resharding(folder);
    CommandHeader header = Resharding.forward("c1").header();
    CommandHeader dry =
        new CommandHeader(
            header.commandId(), header.keyspace(), header.workflow(), "test", "", null, true, 0);
    assertThat(resharding.trial.outcome(Resharding.command(dry, Direction.FORWARD, Resharding.ALL)))
        .startsWith("succeeded");

    assertThat(resharding.trial.log.ofType(CommandSucceeded.class).getLast().lines())
        .contains(
            "Stop streams on keyspace customer: [id:1;keyspace:commerce;shard:0;rules:"
                + "rules:{match:\"corder\" filter:\"select * from orders where n > 1\"};"
                + "position:MariaDB/0-1-70]",
            "Create migrated streams of workflows [mat], stopped, on: [tablet:200,tablet:300]",
            "Start migrated streams of workflows [mat] on: [tablet:200,tablet:300]");
    assertStaysOnTheSource(resharding);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "customer | 0  | 0 (workflow customer.other, which reads its own keyspace)",
        "customer | -80 | -80 (workflow customer.other, which writes a shard that does not serve)",
      })
  void refusesStreamsThatCannotGoOn(String keyspace, String shard, String why) {
    Resharding resharding = resharding(folder);
    var unused = add(resharding, keyspace, shard, "other", "customer");

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .startsWith("refused")
        .contains(why);
    assertStaysOnTheSource(resharding);
  }

  @Test
  void refusesWhileAStreamOfAnotherWorkflowDoesNotRun() {
    Resharding resharding = resharding(folder);
    FakeRow row = resharding.streams(ONE, "mat").getFirst();
    row.state = VReplicationWorkflowState.Stopped;

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .startsWith("refused")
        .contains("stream 1 of workflow mat writes customer/0")
        .contains("its state is Stopped");
    assertThat(row.message).isEmpty();
    assertThat(row.state).isEqualTo(VReplicationWorkflowState.Stopped);
  }

  /** It follows the journal by itself. */
  @Test
  void leavesStreamsAloneThatReadTheShards() {
    Resharding resharding = resharding(folder);
    FakeRow reader = add(resharding, "commerce", "0", "report", "customer");
    resharding.cluster.tablet("commerce", "0").position = 77;

    assertThat(resharding.trial.outcome(Resharding.forward("c1"))).startsWith("succeeded");
    assertMigrated(resharding);
    assertThat(reader.state).isEqualTo(VReplicationWorkflowState.Running);
  }

  /** What it applied behind the position would be applied once more on the new shards. */
  @Test
  void isTakenBackWhenSomebodyStartsAStreamMeanwhile() {
    Resharding resharding = resharding(folder);
    onceInThePause(
        resharding,
        () -> {
          FakeRow row = resharding.streams(ONE, "mat").getFirst();
          row.state = VReplicationWorkflowState.Running;
          row.message = "";
          row.position = "MariaDB/0-1-80";
        });

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .contains("were started during the switch");
    resharding.leaveAlone();
    assertStaysOnTheSource(resharding);
  }

  /** Lets somebody do something once writes are denied, while streams catch up. */
  private static void onceInThePause(Resharding resharding, Runnable act) {
    AtomicBoolean begun = new AtomicBoolean();
    resharding.cluster.gate(call -> {
      if (call.startsWith("awaitPosition customer")
          && !resharding.writable("0")
          && begun.compareAndSet(false, true)) {
        act.run();
      }
    });
  }

  /** Its rows would be on the old shard alone. */
  @Test
  void isTakenBackWhenSomebodyMakesAStreamMeanwhile() {
    Resharding resharding = resharding(folder);
    onceInThePause(resharding, () -> add(resharding, "customer", "0", "late", "commerce"));

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .contains("are not those they were during the switch");
    resharding.leaveAlone();
    assertStaysOnTheSource(resharding);
    assertThat(resharding.streams(ONE, "late"))
        .allMatch(row -> row.state == VReplicationWorkflowState.Running);
  }

  /** Also where there was none to be brought along. */
  @Test
  void isTakenBackWhenSomebodyMakesTheFirstStreamMeanwhile() {
    Resharding resharding = new Resharding(folder);
    resharding.cluster.keyspace("commerce", "0");
    onceInThePause(resharding, () -> add(resharding, "customer", "0", "late", "commerce"));

    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .contains("are not those they were during the switch");
    resharding.leaveAlone();
    resharding.assertUndecided();
  }

  /** A run that goes on where another one died has not looked at what came in between. */
  @Test
  void bringsNothingAlongThatCameBehindADeadRun() throws Exception {
    for (int n = 20; n < 500; n += 3) {
      Resharding resharding = resharding(Files.createDirectory(folder.resolve("n" + n)));
      boolean killed = resharding.isKilled(Resharding.forward("c1"), n);
      boolean decided = !resharding.cluster.tablet("customer", "0").journals.isEmpty();
      if (!killed || decided) {
        assertThat(n).isGreaterThan(40);
        return;
      }
      FakeRow late = add(resharding, "customer", "0", "late", "commerce");
      late.state = VReplicationWorkflowState.Copying;
      late.position = "";

      assertThat(resharding.trial.outcome(Resharding.forward("c1")))
          .as("killed at call %d: %s", n, resharding.trial.log.told())
          .containsAnyOf("refused", "command failed");
      assertThat(late.state).isEqualTo(VReplicationWorkflowState.Copying);
      assertStaysOnTheSource(resharding);
      resharding.cluster.close();
    }
  }

  /** It applies rows that the workflow brings as well. */
  @Test
  void refusesWhileADraftOfADeadSwitchRuns() {
    Resharding resharding = resharding(folder);
    resharding.cluster.gate(call -> {
      if (call.startsWith("done draft customer/80-")) {
        throw new IllegalStateException("no more");
      }
    });
    var unused = resharding.trial.outcome(Resharding.forward("c1"));
    resharding.leaveAlone();
    FakeRow draft = add(resharding, "customer", "-80", "mat", "commerce");
    draft.message = "for cutover";

    assertThat(resharding.trial.outcome(Resharding.forward("c2")))
        .startsWith("refused")
        .contains("-80 (workflow customer.mat, which writes a shard that does not serve)");
  }

  /** A switch of stock tools has written them, which give no message. */
  @Test
  void startsWhatOtherToolsHaveWritten() {
    Resharding resharding = resharding(folder);
    resharding.cluster.gate(call -> {
      if (call.startsWith("startDrafts")) {
        for (FakeRow row : resharding.streams(TWO, "mat")) {
          if (row.message.equals("for cutover")) {
            row.message = "";
          }
        }
      }
    });
    assertThat(resharding.trial.outcome(Resharding.forward("c1"))).startsWith("succeeded");
    resharding.leaveAlone();
    assertMigrated(resharding);
  }

  /** Nobody but who deleted it misses it; the switch ends. */
  @Test
  void endsThoughADraftIsDeletedBehindTheDecision() {
    Resharding resharding = resharding(folder);
    resharding.cluster.gate(call -> {
      if (call.startsWith("startDrafts customer/-80")) {
        resharding
            .cluster
            .tablet("customer", "-80")
            .streams
            .values()
            .removeIf(row -> row.workflow.equals("mat"));
      }
    });
    assertThat(resharding.trial.outcome(Resharding.forward("c1"))).startsWith("succeeded");
    resharding.leaveAlone();
    resharding.assertSwitched();
    assertThat(resharding.streams(TWO, "mat"))
        .singleElement()
        .matches(row -> row.state == VReplicationWorkflowState.Running);
  }

  /** Somebody has stopped it between the look and the stop: it stays so. */
  @Test
  void leavesAStreamStoppedThatSomebodyStopsMeanwhile() {
    Resharding resharding = resharding(folder);
    FakeRow row = resharding.streams(ONE, "mat").getFirst();
    resharding.cluster.gate(call -> {
      if (call.startsWith("stopForMigration")) {
        row.state = VReplicationWorkflowState.Stopped;
      }
    });
    assertThat(resharding.trial.outcome(Resharding.forward("c1")))
        .contains("are stopped or started by somebody else");
    resharding.leaveAlone();
    assertThat(row.state).isEqualTo(VReplicationWorkflowState.Stopped);
    assertThat(row.message).isEmpty();
    assertThat(resharding.streams(TWO, "mat")).isEmpty();
    resharding.assertUndecided();
  }

  @Test
  void endsOneWayOrTheOtherWhereverAnyCallFailed() throws Exception {
    Resharding.failAtEachCall(
        folder,
        StreamMigratorTest::resharding,
        (resharding, outcome) -> {
          if (outcome.startsWith("succeeded")) {
            assertMigrated(resharding);
          } else {
            assertThat(outcome).containsAnyOf("command failed", "refused");
            assertStaysOnTheSource(resharding);
          }
        });
  }

  /** A successor finishes it, or another command takes it from there. */
  @ParameterizedTest
  @EnumSource(Successor.class)
  void isFinishedWhereverItsOwnerDied(Successor successor) throws Exception {
    int crashes = 0;
    for (int n = 1; n < 500; n++) {
      Resharding resharding =
          resharding(Files.createDirectory(folder.resolve(successor.name() + n)));
      boolean killed = resharding.isKilled(Resharding.forward("c1"), n);
      crashes += killed ? 1 : 0;
      String next = successor == Successor.OF_THE_COMMAND ? "c1" : "c2";
      assertThat(resharding.trial.outcome(Resharding.forward(next)))
          .as("killed at call %d: %s", n, resharding.trial.log.told())
          .startsWith("succeeded");
      assertMigrated(resharding);
      resharding.cluster.close();
      if (!killed) {
        assertThat(crashes).isGreaterThan(50);
        return;
      }
    }
    throw new IllegalStateException("never went through");
  }

  /** Who comes behind an owner that died. */
  private enum Successor {
    OF_THE_COMMAND,
    ANOTHER_COMMAND
  }
}

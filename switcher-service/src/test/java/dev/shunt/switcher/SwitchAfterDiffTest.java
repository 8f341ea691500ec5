package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.FailedException;
import dev.shunt.saga.Statuses;
import dev.shunt.saga.fake.Diffs;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.SagaTrial;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.workflow.routing.DeniedTables;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Switches of a workflow whose last diff found differences, or that has nothing to switch. */
class SwitchAfterDiffTest {
  private static final String DONE = "succeeded SwitchTraffic was successful for workflow ";
  private static final Statuses DIFFER = keys -> Diffs.differing();
  private static final Statuses AWAY =
      keys -> {
        throw new FailedException(Status.Code.UNAVAILABLE, "Kafka is away");
      };

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private static SwitchTraffic command(
      CommandHeader header, Direction way, boolean force, String... types) {
    return new SwitchTraffic(
        header, List.of(types), List.of(), way, 30_000, 30_000, true, false, force);
  }

  private static SwitchTraffic all(CommandHeader header, Direction way) {
    return command(header, way, false, "PRIMARY", "REPLICA", "RDONLY");
  }

  private Moving moving() {
    return new Moving(folder, List.of("0"), List.of("0"));
  }

  private static SagaTrial trial(Moving moving, Statuses statuses, boolean refuses) {
    return new SagaTrial(
        moving.cluster,
        new SwitchPlanner(moving.cluster.cluster(), new DifferenceGuard(statuses, refuses)));
  }

  private static List<String> dryRunLines(SagaTrial trial, Direction way) {
    trial.outcome(all(Samples.dryRun("dry"), way));
    return trial.log.ofType(CommandSucceeded.class).getLast().lines();
  }

  @Test
  void warnsOfDifferencesInTheOutcomeAndInTheDryRun() {
    SagaTrial trial = trial(moving(), DIFFER, false);

    assertThat(dryRunLines(trial, Direction.FORWARD).getFirst())
        .startsWith("Beware: " + Diffs.DIFFERING_TEXT);
    assertThat(dryRunLines(trial, Direction.FORWARD).get(1)).isEqualTo("Lock keyspace commerce");
    assertThat(trial.outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .startsWith(DONE + "customer.c2c. Beware: " + Diffs.DIFFERING_TEXT);
  }

  @ParameterizedTest
  @EnumSource
  void warnsWhicheverWayTrafficGoes(Direction way) {
    Moving moving = moving();
    if (way == Direction.BACKWARD) {
      trial(moving, keys -> Map.of(), false).outcome(all(Samples.header("c0"), Direction.FORWARD));
    }

    assertThat(trial(moving, DIFFER, false).outcome(all(Samples.header("c1"), way)))
        .contains(". Beware: " + Diffs.DIFFERING_TEXT);
  }

  @Test
  void saysNothingWhereNothingIsKnown() {
    SagaTrial trial = trial(moving(), keys -> Map.of(), true);

    assertThat(dryRunLines(trial, Direction.FORWARD).getFirst())
        .isEqualTo("Lock keyspace commerce");
    assertThat(trial.outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .isEqualTo(DONE + "customer.c2c");
  }

  @Test
  void refusesWhereThatIsSet() {
    Moving moving = moving();
    SagaTrial trial = trial(moving, DIFFER, true);
    String refusal =
        "refused FAILED_PRECONDITION cannot switch traffic for workflow c2c at this time: "
            + Diffs.DIFFERING_TEXT
            + ". Mend that and run a diff that finds nothing, or switch with --force"
            + " (refuseAfterDifferences is set)";

    assertThat(trial.outcome(all(Samples.dryRun("dry"), Direction.FORWARD))).isEqualTo(refusal);
    assertThat(trial.outcome(all(Samples.header("c1"), Direction.FORWARD))).isEqualTo(refusal);
    assertThat(trial.outcome(command(Samples.header("c2"), Direction.FORWARD, false, "REPLICA")))
        .isEqualTo(refusal);
    assertThat(moving.open("commerce", moving.sourceShards)).isTrue();
    assertThat(moving.route("corder")).isEqualTo("commerce.corder");
    assertThat(moving.route("corder@replica")).isEqualTo("commerce.corder");
  }

  @Test
  void switchesByForceWhereItRefuses() {
    SagaTrial trial = trial(moving(), DIFFER, true);

    assertThat(
            trial.outcome(
                command(
                    Samples.header("c1"), Direction.FORWARD, true, "PRIMARY", "REPLICA", "RDONLY")))
        .startsWith(DONE + "customer.c2c. Beware: " + Diffs.DIFFERING_TEXT);
  }

  /** Kills the run of a command at an event. */
  private static void kill(SagaTrial trial, SwitchTraffic command, String event) {
    trial.log.refusing(told -> {
      if (told.startsWith(event)) {
        throw new Killed();
      }
    });
    assertThatThrownBy(() -> trial.run(command)).isInstanceOf(Killed.class);
    trial.log.refusing(told -> {});
  }

  /** What was known when it began is on the log: a later run needs nobody to say it again. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "started lock-for-writes",
        "started unlock-after-writes",
        "TrafficSwitched",
        "succ"
      })
  void aLaterRunTellsWhatTheFirstKnewAndIsNotRefused(String event) {
    AtomicInteger reads = new AtomicInteger();
    Statuses once =
        keys -> {
          if (reads.getAndIncrement() > 0) {
            throw new FailedException(Status.Code.UNAVAILABLE, "read again");
          }
          return Diffs.differing();
        };
    SagaTrial trial = trial(moving(), once, false);
    kill(trial, all(Samples.header("c1"), Direction.FORWARD), event);

    assertThat(trial.outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .startsWith(DONE + "customer.c2c. Beware: " + Diffs.DIFFERING_TEXT);
    assertThat(reads).hasValue(1);
  }

  /** As an attempt leaves it that was abandoned in its pause. */
  private Moving paused() {
    Moving moving = moving();
    var unused =
        moving.cluster.topo.updateShard(
            "commerce", "0", record -> DeniedTables.denied(record, Moving.MOVE.tables()));
    moving
        .cluster
        .tablets
        .values()
        .forEach(tablet -> moving.cluster.of(tablet.record).refreshState());
    assertThat(moving.writable("commerce", moving.sourceShards)).isFalse();
    return moving;
  }

  @ParameterizedTest
  @ValueSource(strings = {"started take-back", "finished take-back", "started remember-start"})
  void aLaterRunTellsItAlsoWhereTheFirstTookAnAttemptBack(String event) {
    SagaTrial trial = trial(paused(), DIFFER, false);
    kill(trial, all(Samples.header("c1"), Direction.FORWARD), event);

    assertThat(trial.outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .startsWith(DONE + "customer.c2c. Beware: " + Diffs.DIFFERING_TEXT);
  }

  /** Nothing may end a command before writes flow again. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "no event",
        "started take-back",
        "finished take-back",
        "started refuse",
        "command"
      })
  void refusesOnceAnAttemptBeforeItIsTakenBack(String event) {
    Moving moving = paused();
    SagaTrial trial = trial(moving, DIFFER, true);
    if (!event.equals("no event")) {
      kill(trial, all(Samples.header("c1"), Direction.FORWARD), event);
    }

    assertThat(trial.outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .startsWith("command failed FAILED_PRECONDITION cannot switch traffic for workflow c2c")
        .contains(Diffs.DIFFERING_TEXT);
    assertThat(moving.open("commerce", moving.sourceShards)).isTrue();
    assertThat(moving.route("corder")).isEqualTo("commerce.corder");
    assertThat(trial.log.told()).doesNotContain("started remember-start");
  }

  @Test
  void warnsWhereNobodyCanSayWhatDiffsFound() {
    SagaTrial trial = trial(moving(), AWAY, false);

    assertThat(dryRunLines(trial, Direction.FORWARD).getFirst())
        .startsWith("Beware: it is not known whether a diff found differences: Kafka is away");
    assertThat(trial.outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .startsWith(
            DONE
                + "customer.c2c. Beware: it is not known whether a diff found differences: Kafka is"
                + " away");
  }

  @Test
  void failsWhereNobodyCanSayWhatDiffsFoundAndThatWouldRefuse() {
    Moving moving = moving();
    SagaTrial trial = trial(moving, AWAY, true);

    assertThat(trial.outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .isEqualTo(
            "command failed UNAVAILABLE cannot switch traffic for workflow c2c at this time: it is"
                + " not known whether a diff found differences: Kafka is away. Send the command"
                + " again, or switch with --force (refuseAfterDifferences is set)");
    assertThat(moving.route("corder")).isEqualTo("commerce.corder");
    assertThat(
            trial.outcome(
                command(
                    Samples.header("c2"), Direction.FORWARD, true, "PRIMARY", "REPLICA", "RDONLY")))
        .startsWith(DONE + "customer.c2c. Beware: it is not known");
  }

  @Test
  void refusesWhileADiffRuns() {
    assertThat(
            trial(moving(), keys -> Diffs.running(), true)
                .outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .isEqualTo(
            "refused FAILED_PRECONDITION cannot switch traffic for workflow c2c at this time: "
                + Diffs.RUNNING_TEXT
                + ". Wait until that diff has ended, or switch with --force"
                + " (refuseAfterDifferences is set)");
  }

  @Test
  void warnsWhileADiffRuns() {
    assertThat(
            trial(moving(), keys -> Diffs.running(), false)
                .outcome(all(Samples.header("c1"), Direction.FORWARD)))
        .startsWith(DONE + "customer.c2c. Beware: " + Diffs.RUNNING_TEXT);
  }

  @Test
  void saysThatNothingWasToBeDone() {
    SagaTrial trial = trial(moving(), DIFFER, true);
    SwitchTraffic force =
        command(Samples.header("c1"), Direction.FORWARD, true, "PRIMARY", "REPLICA", "RDONLY");
    assertThat(trial.outcome(force)).doesNotContain("nothing was to be done");

    assertThat(trial.outcome(all(Samples.header("c2"), Direction.FORWARD)))
        .isEqualTo(DONE + "customer.c2c: nothing was to be done, traffic went there already");
    assertThat(dryRunLines(trial, Direction.FORWARD)).containsExactly("No changes required");
    assertThat(trial.outcome(command(Samples.header("c3"), Direction.FORWARD, false, "RDONLY")))
        .endsWith("nothing was to be done, traffic went there already");
  }

  @Test
  void doesNotSayThatNothingWasToBeDoneWhereWritesFollowReads() {
    SagaTrial trial = trial(moving(), keys -> Map.of(), false);
    trial.outcome(command(Samples.header("c1"), Direction.FORWARD, false, "REPLICA", "RDONLY"));

    assertThat(trial.outcome(all(Samples.header("c2"), Direction.FORWARD)))
        .isEqualTo(DONE + "customer.c2c");
  }
}

package dev.shunt.workflow.lifecycle;

import static dev.shunt.workflow.lifecycle.Given.UUID_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.CommandAdmitted;
import dev.shunt.schemas.CommandDuplicate;
import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.OutcomeKind;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.Signal;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalSent;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StreamRemoved;
import dev.shunt.schemas.StreamStatus;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowStatus;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EvolverTest {
  @Test
  void followsAWorkflowThroughItsLife() {
    assertThat(present(Given.creating()).phase()).isEqualTo(Phase.CREATING);
    WorkflowStatus active = present(Given.active());
    assertThat(active.phase()).isEqualTo(Phase.ACTIVE);
    assertThat(active.tables()).containsExactly("corder");
    assertThat(active.inFlight()).isNull();
    assertThat(active.version()).isEqualTo(3);
    assertThat(present(active.lastOutcome()).kind()).isEqualTo(OutcomeKind.SUCCEEDED);
    assertThat(present(active.lastOutcome()).commandType()).isEqualTo("MoveTablesCreate");
    assertThat(present(Given.switchedState()).writesSwitched()).isTrue();
    assertThat(present(Given.completed()).phase()).isEqualTo(Phase.COMPLETED);
    assertThat(present(Given.deleted()).phase()).isEqualTo(Phase.DELETED);
  }

  @Test
  void freesTheNameOfAWorkflowWhoseCreationEndsBadly() {
    WorkflowStatus refused = present(Evolver.evolve(Given.creating(), Given.refused("c1")));
    WorkflowStatus failed = present(Evolver.evolve(Given.creating(), Given.failed("c1")));

    assertThat(refused.phase()).isEqualTo(Phase.UNKNOWN);
    assertThat(present(refused.lastOutcome()).code()).isEqualTo("NOT_FOUND");
    assertThat(failed.phase()).isEqualTo(Phase.UNKNOWN);
    assertThat(LifecycleState.of(failed)).isEqualTo(new LifecycleState.Absent());
  }

  @Test
  void keepsWhatAnEndedWorkflowWasWhenItsNamesakeIsRefused() {
    WorkflowStatus completed = present(Given.completed());

    WorkflowStatus then =
        present(
            Evolver.evolve(
                Evolver.evolve(completed, Given.admitted(Given.create("x"))), Given.refused("x")));

    assertThat(then.phase()).isEqualTo(Phase.COMPLETED);
    assertThat(then.tables()).isEqualTo(completed.tables());
  }

  @Test
  void ignoresOutcomesOfCommandsThatAreNotInFlight() {
    WorkflowStatus active = Given.active();

    assertThat(Evolver.evolve(active, Given.refused("other"))).isSameAs(active);
    assertThat(Evolver.evolve(active, Given.succeeded("c1"))).isSameAs(active);
    assertThat(Evolver.evolve((WorkflowStatus) null, Given.refused("x"))).isNull();
    assertThat(Evolver.evolve(active, new CommandDuplicate(Given.event("c1", 0), "x", "ann", null)))
        .isSameAs(active);
  }

  @Test
  void ignoresARunThatHasBeenReplaced() {
    WorkflowStatus second =
        Evolver.evolve(
            Given.creating(), new StepStarted(Given.event("c1", 7), "create-streams", ""));

    assertThat(Evolver.evolve(second, new StepStarted(Given.event("c1", 6), "late", "")))
        .isSameAs(second);
    assertThat(Evolver.evolve(second, Given.failed("c1"))).isSameAs(second);
    assertThat(
            present(
                    Evolver.evolve(
                        second,
                        new CommandSucceeded(Given.event("c1", 7), "", "", List.of(), Map.of(), 1)))
                .inFlight())
        .isNull();
  }

  @Test
  void showsTheStepUnderWay() {
    WorkflowStatus then =
        present(
            Evolver.evolve(
                Given.creating(), new StepStarted(Given.event("c1", 7), "create-streams", "")));

    assertThat(present(then.inFlight()).step()).isEqualTo("create-streams");
    assertThat(present(then.inFlight()).fence()).isEqualTo(7);
    assertThat(then.version()).isEqualTo(2);
  }

  @Test
  void changesNothingOnADryRunButTheOutcome() {
    WorkflowStatus active = present(Given.active());
    var dryRun = Given.admitted(Given.switchTraffic("s1"));
    var admitted =
        new CommandAdmitted(
            dryRun.header(),
            dryRun.commandType(),
            dryRun.service(),
            dryRun.issuer(),
            dryRun.reason(),
            true);

    WorkflowStatus then =
        present(
            Evolver.evolve(
                Evolver.evolve(
                    Evolver.evolve(active, admitted), Given.switched("s1", List.of("zone1"), true)),
                Given.succeeded("s1")));

    assertThat(then.writesSwitched()).isFalse();
    assertThat(present(then.lastOutcome()).commandId()).isEqualTo("s1");
  }

  @Test
  void keepsTheLastTenDiffs() {
    WorkflowStatus status = Given.active();
    for (int i = 0; i < 12; i++) {
      String uuid = new UUID(0, i).toString();
      String id = "v" + i;
      status = Evolver.evolve(status, Given.admitted(Given.diff(id, uuid)));
      status =
          Evolver.evolve(
              status,
              new VDiffStarted(
                  Given.event(id, 0), uuid, List.of("b", "a"), List.of("-80"), 0, true));
      status =
          Evolver.evolve(
              status,
              new VDiffTableFinished(
                  Given.event(id, 0),
                  uuid,
                  new TableDiff("-80", "a", "completed", 5, 4, 1, 0, 0, "")));
      status =
          Evolver.evolve(
              status, new VDiffFinished(Given.event(id, 0), uuid, "completed", 5, true, ""));
      status = Evolver.evolve(status, Given.succeeded(id));
    }

    List<DiffStatus> diffs = present(status).diffs();
    assertThat(diffs).hasSize(10);
    assertThat(diffs.getFirst().uuid()).isEqualTo(new UUID(0, 2).toString());
    assertThat(diffs.getLast().hasMismatch()).isTrue();
    assertThat(diffs.getLast().tables()).extracting(TableDiff::table).containsExactly("a", "b");
    assertThat(diffs.getLast().tables())
        .extracting(TableDiff::state)
        .containsExactly("completed", "pending");
  }

  @Test
  void keepsTheDiffWhoseDifferencesStand() {
    WorkflowStatus status = Given.active();
    for (int i = 0; i < 12; i++) {
      String uuid = new UUID(0, i).toString();
      String id = "v" + i;
      TableDiff result =
          i == 0
              ? new TableDiff("-80", "a", "completed", 5, 4, 1, 0, 0, "")
              : new TableDiff("-80", "b", "completed", 5, 5, 0, 0, 0, "");
      status = Evolver.evolve(status, Given.admitted(Given.diff(id, uuid)));
      status =
          Evolver.evolve(
              status,
              new VDiffStarted(
                  Given.event(id, 0), uuid, List.of(result.table()), List.of("-80"), 7, false));
      status = Evolver.evolve(status, new VDiffTableFinished(Given.event(id, 0), uuid, result));
      status =
          Evolver.evolve(
              status, new VDiffFinished(Given.event(id, 0), uuid, "completed", 5, i == 0, ""));
      status = Evolver.evolve(status, Given.succeeded(id));
    }

    List<DiffStatus> diffs = present(status).diffs();
    assertThat(diffs).hasSize(10);
    assertThat(diffs.getFirst().uuid()).isEqualTo(new UUID(0, 0).toString());
    assertThat(diffs.get(1).uuid()).isEqualTo(new UUID(0, 3).toString());
    assertThat(diffs.getFirst().limit()).isEqualTo(7);
  }

  @Test
  void describesAWorkflowThatNoCommandCreated() {
    WorkflowStatus observed = present(Given.observed(""));

    assertThat(observed.phase()).isEqualTo(Phase.OBSERVED);
    assertThat(observed.workflowType()).isEqualTo("MoveTables");
    assertThat(observed.sourceKeyspace()).isEqualTo("commerce");
    assertThat(observed.tables()).containsExactly("corder");
    assertThat(observed.version()).isZero();
  }

  @Test
  void keepsStreamsSortedAndTheLastReportOfEach() {
    WorkflowStatus status = Given.active();
    status = Evolver.evolve(status, Given.reported(10, "Copying", ""));
    status = Evolver.evolve(status, Given.reported(2, "Copying", ""));
    status = Evolver.evolve(status, Given.reported(10, "Running", ""));

    assertThat(present(status).streams()).extracting(StreamStatus::id).containsExactly(2L, 10L);
    assertThat(present(status).streams().getLast().state()).isEqualTo("Running");
    assertThat(present(status).version()).isEqualTo(3);
  }

  @Test
  void forgetsAnObservedWorkflowWithItsLastStream() {
    StreamRemoved removed =
        new StreamRemoved("customer", "c2c", 4000, "-80", "zone1-0000000200", 1);

    assertThat(Evolver.evolve(Given.observed(""), removed)).isNull();
    assertThat(Evolver.evolve((WorkflowStatus) null, removed)).isNull();
    assertThat(
            present(
                    Evolver.evolve(
                        Evolver.evolve(Given.active(), Given.reported(1, "Running", "")), removed))
                .phase())
        .isEqualTo(Phase.ACTIVE);
  }

  @Test
  void refusesADiffOfAnEndedWorkflow() {
    assertThat(LifecycleState.of(Given.completed())).isEqualTo(new LifecycleState.Absent());
    assertThat(Decider.decide(Given.completed(), Given.diff("x", UUID_1)))
        .isInstanceOf(Decision.Refuse.class);
  }

  @Test
  void stampsTheTimeOfTheNewestEvent() {
    EventHeader later = new EventHeader("customer", "c2c", "c1", 9000, "test", 0);

    assertThat(
            present(Evolver.evolve(Given.creating(), new StepStarted(later, "x", ""))).updatedAt())
        .isEqualTo(9000);
  }

  private static <T> T present(@Nullable T value) {
    return Objects.requireNonNull(value);
  }

  private static WorkflowStatus diffing(String... ids) {
    WorkflowStatus status = Given.active();
    for (String id : ids) {
      String uuid = "uuid-" + id;
      status = Evolver.evolve(status, Given.admitted(Given.diff(id, uuid)));
      status =
          Evolver.evolve(
              status,
              new VDiffStarted(Given.event(id, 1), uuid, List.of("a"), List.of("-80"), 0, true));
    }
    return present(status);
  }

  private static SignalSent sent(String id, String target) {
    return new SignalSent(
        Given.event(id, 0), "vdiff", "ann", "why", target, SignalKind.STOP, Map.of());
  }

  private static SignalTaken taken(String command, long fence, String id) {
    return new SignalTaken(Given.event(command, fence), id, SignalKind.STOP, Map.of());
  }

  @Test
  void diffsThatRunSideBySideDontEndEachOther() {
    WorkflowStatus status = diffing("v1", "v2", "v3");
    assertThat(status.diffs())
        .extracting(DiffStatus::beside)
        .map(List::size)
        .containsExactly(0, 1, 2);

    status =
        present(
            Evolver.evolve(
                status,
                new CommandFailed(Given.event("v2", 1), "VDiffCreate", "INTERNAL", "broke")));

    assertThat(status.inFlightDiffs()).extracting(InFlight::commandId).containsExactly("v1", "v3");
    assertThat(status.inFlightDiff()).isEqualTo(status.inFlightDiffs().getFirst());
    assertThat(status.diffs())
        .extracting(DiffStatus::state)
        .containsExactly("started", "error", "started");
  }

  @Test
  void keepsEachDiffThatRuns() {
    WorkflowStatus status = diffing("v0");
    for (int i = 1; i < 14; i++) {
      String id = "w" + i;
      String uuid = new UUID(0, i).toString();
      status = Evolver.evolve(status, Given.admitted(Given.diff(id, uuid)));
      status =
          Evolver.evolve(
              status,
              new VDiffStarted(Given.event(id, 1), uuid, List.of("a"), List.of("-80"), 0, true));
      TableDiff result = new TableDiff("-80", "a", "completed", 5, 5, 0, 0, 0, "");
      status = Evolver.evolve(status, new VDiffTableFinished(Given.event(id, 1), uuid, result));
      status =
          Evolver.evolve(
              status, new VDiffFinished(Given.event(id, 1), uuid, "completed", 5, false, ""));
      status =
          present(
              Evolver.evolve(
                  status,
                  new CommandSucceeded(Given.event(id, 1), "", "done", List.of(), Map.of(), 1)));
    }

    assertThat(status.diffs()).hasSize(10);
    assertThat(status.diffs().getFirst().uuid()).isEqualTo("uuid-v0");
  }

  @Test
  void aSignalWaitsUntilTheRunThatCountsHasTakenIt() {
    WorkflowStatus status = present(Evolver.evolve(diffing("v1", "v2"), sent("x1", "v2")));
    assertThat(status.inFlightDiffs().getLast().signals())
        .extracting(Signal::id)
        .containsExactly("x1");

    status = present(Evolver.evolve(status, taken("v2", 0, "x1"))); // of a run that was overtaken
    assertThat(status.inFlightDiffs().getLast().signals()).hasSize(1);
    status = present(Evolver.evolve(status, taken("v1", 5, "x1"))); // of another command
    assertThat(status.inFlightDiffs().getLast().signals()).hasSize(1);
    status = present(Evolver.evolve(status, taken("v2", 5, "x1")));
    assertThat(status.inFlightDiffs().getLast().signals()).isEmpty();
    assertThat(Evolver.evolve(status, taken("v2", 5, "x1"))).isSameAs(status);
  }

  @Test
  void aSignalToWhatHasEndedChangesNothing() {
    WorkflowStatus status = Given.active();
    assertThat(Evolver.evolve(status, sent("x1", "v1"))).isSameAs(status);
  }

  /** One diff ran at a time, and no more is known of it. */
  @Test
  void endsADiffOfAStatusOfAnEarlierVersion() {
    DiffStatus diff = DiffStatus.of("u1", "started");
    InFlight then = new InFlight("v1", "VDiffCreate", "ann", false, 1, "", 3, "", List.of());
    WorkflowStatus status =
        Given.active()
            .with(draft -> {
              draft.inFlightDiffs = List.of(then);
              draft.diffs = List.of(diff);
            });

    WorkflowStatus ended =
        present(
            Evolver.evolve(
                status,
                new CommandFailed(Given.event("v1", 3), "VDiffCreate", "INTERNAL", "broke")));

    assertThat(ended.inFlightDiffs()).isEmpty();
    assertThat(ended.diffs()).extracting(DiffStatus::state).containsExactly("error");
  }
}

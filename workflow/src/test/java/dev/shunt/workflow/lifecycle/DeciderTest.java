package dev.shunt.workflow.lifecycle;

import static dev.shunt.workflow.lifecycle.Given.UUID_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.DesiredState;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.schemas.WorkflowUpdate;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.Refusal.Code;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DeciderTest {
  private static final String NONE = "no streams found in keyspace customer for c2c";
  private static final String TAKEN = "workflow c2c already exists in keyspace customer";

  static Stream<Arguments> admitted() {
    return Stream.of(
        Arguments.of("create", Given.absent(), Given.create("x"), ServiceName.COPY),
        Arguments.of("create again", Given.deleted(), Given.create("x"), ServiceName.COPY),
        Arguments.of("create a third", Given.completed(), Given.create("x"), ServiceName.COPY),
        Arguments.of("switch", Given.active(), Given.switchTraffic("x"), ServiceName.SWITCH),
        Arguments.of(
            "switch unknown", Given.observed(""), Given.switchTraffic("x"), ServiceName.SWITCH),
        Arguments.of("diff", Given.active(), Given.diff("x", UUID_1), ServiceName.VDIFF),
        Arguments.of(
            "diff after", Given.switchedState(), Given.diff("x", UUID_1), ServiceName.VDIFF),
        Arguments.of("complete", Given.switchedState(), Given.complete("x"), ServiceName.COPY),
        Arguments.of(
            "complete frozen", Given.observed("FROZEN"), Given.complete("x"), ServiceName.COPY),
        // Somebody else may have switched since: the service looks where traffic goes.
        Arguments.of("complete early", Given.active(), Given.complete("x"), ServiceName.COPY),
        Arguments.of(
            "complete what somebody else has just switched",
            Given.observed(""),
            Given.complete("x"),
            ServiceName.COPY),
        Arguments.of(
            "delete what somebody else has just switched back",
            Given.observed("FROZEN"),
            Given.delete("x"),
            ServiceName.COPY),
        Arguments.of(
            "start what somebody else may have switched back",
            Given.switchedState(),
            Given.update("x", DesiredState.RUNNING),
            ServiceName.COPY),
        Arguments.of("delete late", Given.switchedState(), Given.delete("x"), ServiceName.COPY),
        Arguments.of("delete", Given.active(), Given.delete("x"), ServiceName.COPY),
        Arguments.of(
            "stop frozen",
            Given.switchedState(),
            Given.update("x", DesiredState.STOPPED),
            ServiceName.COPY),
        Arguments.of(
            "start", Given.active(), Given.update("x", DesiredState.RUNNING), ServiceName.COPY));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("admitted")
  void admitsWhatTheStateAllows(
      String name, @Nullable WorkflowStatus given, Command when, ServiceName then) {
    assertThat(Decider.decide(given, when)).isEqualTo(new Decision.Admit(then));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("name taken", Given.active(), Given.create("x"), Code.ALREADY_EXISTS, TAKEN),
        Arguments.of(
            "name taken by others",
            Given.observed(""),
            Given.create("x"),
            Code.ALREADY_EXISTS,
            TAKEN),
        Arguments.of("no switch", Given.absent(), Given.switchTraffic("x"), Code.NOT_FOUND, NONE),
        Arguments.of("no complete", Given.absent(), Given.complete("x"), Code.NOT_FOUND, NONE),
        Arguments.of("no delete", Given.deleted(), Given.delete("x"), Code.NOT_FOUND, NONE),
        Arguments.of("no diff", Given.completed(), Given.diff("x", UUID_1), Code.NOT_FOUND, NONE),
        Arguments.of(
            "no update",
            Given.absent(),
            Given.update("x", DesiredState.STOPPED),
            Code.FAILED_PRECONDITION,
            "the c2c workflow does not exist in the customer keyspace"),
        Arguments.of(
            "same keyspace",
            Given.absent(),
            Given.create(Given.command("x"), "customer", List.of("t"), "", List.of()),
            Code.INVALID_ARGUMENT,
            "source keyspace and target keyspace are both customer"),
        Arguments.of(
            "no tables",
            Given.absent(),
            Given.create(Given.command("x"), "commerce", List.of(), "", List.of()),
            Code.FAILED_PRECONDITION,
            "no tables to move"),
        Arguments.of(
            "on-ddl",
            Given.absent(),
            Given.create(Given.command("x"), "commerce", List.of("t"), "MAYBE", List.of()),
            Code.INVALID_ARGUMENT,
            "unknown on-ddl action MAYBE: use IGNORE, STOP, EXEC or EXEC_IGNORE"),
        Arguments.of(
            "tablet type",
            Given.absent(),
            Given.create(Given.command("x"), "commerce", List.of("t"), "", List.of("SPARE")),
            Code.INVALID_ARGUMENT,
            "invalid tablet type SPARE: use PRIMARY, REPLICA or RDONLY"),
        Arguments.of(
            "timeout",
            Given.active(),
            Given.switchTraffic(Given.command("x"), List.of("PRIMARY"), 999),
            Code.INVALID_ARGUMENT,
            "timeout must be at least 1s, not 999ms"),
        Arguments.of(
            "sequences",
            Given.active(),
            new SwitchTraffic(
                Given.command("x"),
                List.of("PRIMARY"),
                List.of(),
                Direction.FORWARD,
                1000,
                0,
                true,
                true,
                false),
            Code.UNIMPLEMENTED,
            "initializing target sequences is not supported yet"),
        Arguments.of(
            "no types",
            Given.active(),
            Given.switchTraffic(Given.command("x"), List.of(), 1000),
            Code.INVALID_ARGUMENT,
            "no tablet types to switch"),
        Arguments.of(
            "no update",
            Given.active(),
            Given.update("x", null),
            Code.INVALID_ARGUMENT,
            "nothing to update"),
        Arguments.of(
            "uuid",
            Given.active(),
            Given.diff("x", "last"),
            Code.INVALID_ARGUMENT,
            "invalid UUID provided: last"),
        Arguments.of(
            "no id",
            Given.active(),
            Given.delete(" "),
            Code.INVALID_ARGUMENT,
            "a command needs an id"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesWithCodeAndSentence(
      String name, @Nullable WorkflowStatus given, Command when, Code code, String sentence) {
    assertThat(Decider.decide(given, when))
        .isEqualTo(new Decision.Refuse(new Refusal(code, sentence)));
  }

  @Test
  void admitsADryRunOfACreation() {
    assertThat(
            Decider.decide(
                null,
                Given.create(
                    Given.dryRun("x"),
                    "commerce",
                    List.of("corder"),
                    "IGNORE",
                    List.of("PRIMARY"))))
        .isInstanceOf(Decision.Admit.class);
  }

  @Test
  void refusesADryRunWhereThereIsNoPlanToPrint() {
    CommandHeader dryRun = Given.dryRun("x");
    for (Command command :
        List.of(
            new WorkflowUpdate(
                dryRun, DesiredState.STOPPED, null, null, null, null, List.of(), Map.of()),
            Given.diff("x", UUID_1).with(draft -> draft.header = dryRun))) {
      assertThat(Decider.decide(null, command))
          .isEqualTo(
              new Decision.Refuse(
                  Refusal.of(
                      Code.UNIMPLEMENTED,
                      "a dry run of %s is not supported: send it without dryRun to have it done",
                      command.getClass().getSimpleName())));
    }
  }

  @Test
  void refusesAnEndlessIssuer() {
    CommandHeader header =
        new CommandHeader("x", "customer", "c2c", "a".repeat(1001), "why", null, false, 1000);
    assertThat(
            Decider.senseless(Given.switchTraffic(header, List.of("PRIMARY"), 30_000))
                .map(Refusal::message))
        .contains("an issuer has at most 1000 characters");
  }

  @Test
  void admitsADryRunOfWhatIsPlannedFirst() {
    assertThat(
            Decider.decide(
                Given.active(), Given.switchTraffic(Given.dryRun("x"), List.of("PRIMARY"), 30_000)))
        .isInstanceOf(Decision.Admit.class);
  }

  @Test
  void refusesAStaleExpectedVersionNamingBoth() {
    WorkflowStatus given = Given.active();

    Decision then =
        Decider.decide(
            given, Given.switchTraffic(Given.command("x", 1L), List.of("PRIMARY"), 30_000));

    assertThat(then)
        .isEqualTo(
            new Decision.Refuse(
                new Refusal(
                    Code.ABORTED,
                    "workflow customer.c2c is at version 3, the command expects version 1")));
  }

  @Test
  void admitsTheExpectedVersion() {
    Command when = Given.switchTraffic(Given.command("x", 3L), List.of("PRIMARY"), 30_000);

    assertThat(Decider.decide(Given.active(), when)).isInstanceOf(Decision.Admit.class);
  }

  @Test
  void takesAnUnknownWorkflowForVersionZero() {
    Command when =
        Given.create(Given.command("x", 0L), "commerce", List.of("t"), "", List.of("PRIMARY"));

    assertThat(Decider.decide(null, when)).isInstanceOf(Decision.Admit.class);
  }

  @Test
  void makesOneCommandWaitForAnother() {
    assertThat(Decider.decide(Given.creating(), Given.switchTraffic("x")))
        .isEqualTo(new Decision.Wait("c1"));
  }

  @Test
  void makesADiffWaitForTheCreationAndForAnotherDiffOnly() {
    WorkflowStatus switching =
        Evolver.evolve(Given.active(), Given.admitted(Given.switchTraffic("s1")));
    WorkflowStatus diffing =
        Evolver.evolve(Given.active(), Given.admitted(Given.diff("v1", UUID_1)));

    Command diff = Given.diff("x", UUID_1);
    assertThat(Decider.decide(Given.creating(), diff)).isEqualTo(new Decision.Wait("c1"));
    assertThat(Decider.decide(diffing, diff)).isEqualTo(new Decision.Wait("v1"));
    assertThat(Decider.decide(switching, diff)).isEqualTo(new Decision.Admit(ServiceName.VDIFF));
    assertThat(Decider.decide(diffing, Given.switchTraffic("x")))
        .isEqualTo(new Decision.Admit(ServiceName.SWITCH));
  }

  /** Its task is under the workflow's key, and what is told of diffs names no command. */
  @Test
  void makesADiffWaitForTheEndOfOneThatAnEarlierVersionBegan() {
    WorkflowStatus begun =
        requireNonNull(Evolver.evolve(Given.active(), Given.admitted(Given.diff("v1", UUID_1))))
            .with(draft -> draft.diffs = List.of(DiffStatus.of(UUID_1, "started")));
    Command diff = Given.diff("x", new UUID(2, 2).toString());

    assertThat(Decider.decide(begun, diff)).isEqualTo(new Decision.Wait("v1"));
    assertThat(Decider.decide(Evolver.evolve(begun, Given.succeeded("v1")), diff))
        .isEqualTo(new Decision.Admit(ServiceName.VDIFF));
  }

  @Test
  void refusesADiffWhoseIdIsTaken() {
    WorkflowStatus given =
        Evolver.evolve(
            Evolver.evolve(
                Evolver.evolve(Given.active(), Given.admitted(Given.diff("v1", UUID_1))),
                new VDiffStarted(
                    Given.event("v1", 0), UUID_1, List.of("t"), List.of("0"), 0, true)),
            Given.succeeded("v1"));

    assertThat(Decider.decide(given, Given.diff("x", UUID_1)))
        .isEqualTo(
            new Decision.Refuse(
                new Refusal(
                    Code.ALREADY_EXISTS,
                    "vdiff " + UUID_1 + " already exists for workflow customer.c2c")));
  }
}

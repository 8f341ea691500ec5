package dev.shunt.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Waiting;
import dev.shunt.schemas.WorkflowStatus;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a caller who waits is told of its command. */
class OpenCommandTest {
  @TempDir Path directory;
  private CommandServiceFixture fixture;

  @BeforeEach
  void start() {
    fixture = new CommandServiceFixture(directory);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private List<String> describe(String id) {
    return ClientCalls.blockingUnaryCall(
            fixture.channel, OpenCommand.METHOD, CallOptions.DEFAULT, StringValue.of(id))
        .getValue()
        .lines()
        .toList();
  }

  private static WorkflowStatus status(@Nullable InFlight running, Waiting... waiting) {
    WorkflowStatus one = Statuses.status(List.of(), List.of(), null);
    return one.with(draft -> {
      draft.inFlight = running;
      draft.inFlightDiffs = List.of();
      draft.lastOutcome = null;
      draft.waiting = List.of(waiting);
    });
  }

  private static InFlight at(String step) {
    return InFlight.of("s1", "SwitchTraffic", "switch", "ann", false, 1000).withStep(step);
  }

  @Test
  void saysAtWhichStepACommandIsAndThatItGoesOn() {
    fixture.backend.holds(status(at("wait for the lock of k, held for VDiff by ann@h since s")));

    assertThat(describe("s1"))
        .containsExactly(
            "command s1 (SwitchTraffic of customer.c2c) is admitted and is carried out since"
                + " 1970-01-01T00:00:01Z: step wait for the lock of k, held for VDiff by ann@h"
                + " since s",
            "It goes on. `shunt commands list` shows it; when it can't go on, `shunt commands"
                + " abandon s1 --reason …` ends it where it is.");
  }

  @Test
  void saysBehindWhatACommandWaitsAndHowToTakeItBack() {
    fixture.backend.holds(
        status(
            at("wait for the topology, which does not answer"),
            new Waiting("d1", "WorkflowDelete", "bob", 2000, "s1", 9000),
            new Waiting("d2", "WorkflowDelete", "bob", 3000, "d1", 0)));

    assertThat(describe("d1"))
        .containsExactly(
            "command d1 (WorkflowDelete of customer.c2c) is admitted to the line of its workflow and"
                + " waits since 1970-01-01T00:00:02Z behind s1 (SwitchTraffic), step wait for the"
                + " topology, which does not answer; it is not begun after 1970-01-01T00:00:09Z",
            "`shunt commands cancel d1` takes it back as long as it waits; else it is begun when its"
                + " turn comes.");
    assertThat(describe("d2").getFirst()).endsWith("waits since 1970-01-01T00:00:03Z behind d1");
  }

  @Test
  void saysNothingOfWhatHasEndedOrIsUnknown() {
    fixture.backend.holds(status(null));

    assertThat(describe("s1")).isEmpty();
  }

  @Test
  void saysThatKafkaIsAwayWithoutWhichNothingGoesOn() {
    fixture.backend.holds(status(at("")));
    fixture.backend.isUnready("Kafka at h:1 does not answer since noon");

    assertThat(describe("s1").getFirst())
        .isEqualTo(
            "Kafka at h:1 does not answer since noon; command s1 (SwitchTraffic of customer.c2c) is"
                + " admitted and is carried out since 1970-01-01T00:00:01Z: not begun yet");
  }
}

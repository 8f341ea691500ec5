package dev.shunt.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.client.CommandResult;
import dev.shunt.client.StateReplay;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandSignal;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.SignalKind;
import dev.shunt.schemas.SignalTaken;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import dev.shunt.topo.TopoLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Diffs side by side that are spoken to, on everything that is real. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DiffSignalsIT {
  private static final Layout LAYOUT =
      new Layout(
          "zone1",
          List.of(new Layout.Place(100, "shop", "0"), new Layout.Place(200, "archive", "0")));

  private final WorkflowKey moved = new WorkflowKey("archive", "moved");
  private Bench bench;

  @BeforeAll
  void start(@TempDir Path directory) {
    bench = new Bench(ClusterOptions.in(directory).withLayout(LAYOUT));
    bench.sql("shop/0", "create table t (id bigint primary key, v varchar(40))");
    bench.sql("shop/0", "insert into t values (1, 'a'), (2, 'b'), (3, 'c')");
    bench.succeed(Asking.create(moved, "shop", "t"));
    bench.awaitRunning(moved);
  }

  @AfterAll
  void stop() {
    bench.close();
  }

  private CommandSignal signal(Command target, SignalKind kind, Map<String, String> settings) {
    return new CommandSignal(Asking.header(moved), target.header().commandId(), kind, settings);
  }

  private void await(String what, Predicate<WorkflowStatus> holds) {
    assertThat(
            bench
                .workflows()
                .await(moved, status -> status.filter(holds).isPresent(), Bench.PATIENCE))
        .as("%s: %s", what, bench.workflows().get(moved))
        .isTrue();
  }

  private static boolean isInFlight(WorkflowStatus status, Command command) {
    return status.inFlightDiffs().stream()
        .anyMatch(running -> running.commandId().equals(command.header().commandId()));
  }

  /** Sends a diff, and a signal that is there before the diff compares anything. */
  private CommandSignal signalled(VDiffCreate diff, SignalKind kind) {
    CommandSignal signal = signal(diff, kind, Map.of());
    try (TopoLock _ =
        bench
            .cluster()
            .topo()
            .lockName("archive/moved", "test", Duration.ofMinutes(1), Duration.ofSeconds(10))) {
      var sent = bench.client().send(diff);
      await("the diff is admitted", status -> isInFlight(status, diff));
      var signalSent = bench.client().send(signal);
      assertThat(List.of(sent.commandId(), signalSent.commandId())).doesNotHaveDuplicates();
      await(
          "the signal is let through",
          status ->
              status.inFlightDiffs().stream().anyMatch(running -> !running.signals().isEmpty()));
    }
    await(
        "the signal is taken",
        status -> status.inFlightDiffs().stream().allMatch(running -> running.signals().isEmpty()));
    return signal;
  }

  private DiffStatus diff(VDiffCreate diff) {
    return bench.workflows().get(moved).orElseThrow().diffs().stream()
        .filter(known -> known.uuid().equals(diff.uuid()))
        .findFirst()
        .orElseThrow();
  }

  private void assertTakenOnce(CommandSignal signal, Command target) {
    assertThat(bench.audited(target))
        .filteredOn(SignalTaken.class::isInstance)
        .extracting(event -> ((SignalTaken) event).signalId())
        .containsOnlyOnce(signal.header().commandId());
    assertThat(bench.audited(signal)).filteredOn(CommandSucceeded.class::isInstance).hasSize(1);
  }

  @Test
  void aPausedDiffLetsOthersPassAndGoesOnWhenItIsResumed() {
    VDiffCreate paused = Asking.diff(moved);
    CommandSignal pause = signalled(paused, SignalKind.PAUSE);
    await(
        "the diff says that it waits",
        status -> status.inFlightDiffs().getFirst().step().equals("wait for a signal to go on"));

    VDiffCreate other = Asking.diff(moved);
    bench.succeed(other);
    assertThat(isInFlight(bench.workflows().get(moved).orElseThrow(), paused)).isTrue();
    CommandSignal retune = signal(paused, SignalKind.RETUNE, Map.of("rows_per_second", "1000000"));
    bench.succeed(retune);
    CommandSignal resume = signal(paused, SignalKind.RESUME, Map.of());
    bench.succeed(resume);
    await("all have ended", status -> status.inFlightDiffs().isEmpty());

    for (VDiffCreate diff : List.of(paused, other)) {
      assertThat(diff(diff).state()).isEqualTo("completed");
      assertThat(diff(diff).rowsCompared()).isEqualTo(3);
    }
    for (CommandSignal signal : List.of(pause, retune, resume)) {
      assertTakenOnce(signal, paused);
    }
    assertThat(bench.client().execute(signal(paused, SignalKind.STOP, Map.of()), Bench.PATIENCE))
        .isInstanceOfSatisfying(
            CommandResult.Refused.class,
            refused -> assertThat(refused.code()).isEqualTo("NOT_FOUND"));
    assertReplaysEqual();
  }

  @Test
  void aStoppedDiffEnds() {
    VDiffCreate stopped = Asking.diff(moved);
    CommandSignal stop = signalled(stopped, SignalKind.STOP);
    await("it has ended", status -> !isInFlight(status, stopped));

    assertThat(diff(stopped).state()).isEqualTo("stopped");
    assertTakenOnce(stop, stopped);
    assertReplaysEqual();
  }

  private void assertReplaysEqual() {
    try (StateReplay replay = new StateReplay(bench.connection())) {
      assertThat(replay.compare().differences()).isEmpty();
    }
  }
}

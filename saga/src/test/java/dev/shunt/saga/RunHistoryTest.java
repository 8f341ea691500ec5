package dev.shunt.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.CommandFailed;
import dev.shunt.schemas.CommandSucceeded;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What counts of what several runs told. */
class RunHistoryTest {
  private static EventHeader header(long fence) {
    return new EventHeader("customer", "c2c", "c1", 1, "here", fence);
  }

  private static Event failed(long fence) {
    return new CommandFailed(header(fence), "SwitchTraffic", "ABORTED", "away");
  }

  private static Event succeeded(long fence) {
    return new CommandSucceeded(header(fence), "SwitchTraffic", "done", List.of(), Map.of(), 1);
  }

  private static Event started(long fence, String detail) {
    return new StepStarted(header(fence), "a", detail);
  }

  @Test
  void theOutcomeOfASupersededRunIsNone() {
    assertThat(new RunHistory(List.of(started(5, ""), started(6, ""), failed(5))).outcome())
        .isEmpty();
    assertThat(new RunHistory(List.of(started(6, ""), failed(5), succeeded(6))).outcome())
        .contains(succeeded(6));
    assertThat(new RunHistory(List.of(failed(5), succeeded(6))).outcome()).contains(failed(5));
  }

  @Test
  void whatASupersededRunTookBackMayStandAndWhatItStartedToo() {
    Event undone = new StepUndone(header(5), "a", 1);
    assertThat(
            new RunHistory(List.of(started(5, ""), started(6, ""), undone))
                .stands(TestStep.named("a")))
        .isTrue();
    Event other = new StepStarted(header(6), "b", "");
    assertThat(new RunHistory(List.of(other, started(5, ""))).stands(TestStep.named("a"))).isTrue();
  }

  @Test
  void namesAllStartsOfAStepInOrder() {
    RunHistory history = new RunHistory(List.of(started(5, "one"), started(6, "two")));
    assertThat(history.starts("a")).containsExactly("one", "two");
    assertThat(history.started(TestStep.named("a"))).contains("one");
  }
}

package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.saga.RunHistory;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.StepStarted;
import dev.shunt.workflow.plan.SwitchAction;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which pause a later run takes back. */
class PauseTest {
  private static final Pause FIRST = pause("0");
  private static final Pause SECOND = pause("-80");

  private static Pause pause(String shard) {
    return new Pause(
        "commerce", "customer", "c2c", List.of("corder"), List.of(shard), List.of(shard), 7);
  }

  private static Event begun(String detail) {
    EventHeader header = new EventHeader("customer", "c2c", "c1", 1, "here", 5);
    return new StepStarted(header, SwitchAction.DENY_SOURCE_WRITES.stepName(), detail);
  }

  @Test
  void isTheLastOneThatSaysWhatItIsAbout() {
    assertThat(Pause.lastOf(new RunHistory(List.of()))).isEmpty();
    assertThat(Pause.lastOf(new RunHistory(List.of(begun("of an older version"))))).isEmpty();
    assertThat(
            Pause.lastOf(
                new RunHistory(List.of(begun("of an older version"), begun(FIRST.text())))))
        .contains(FIRST);
    assertThat(
            Pause.lastOf(
                new RunHistory(
                    List.of(begun(FIRST.text()), begun(SECOND.text()), begun("older again")))))
        .contains(SECOND);
  }
}

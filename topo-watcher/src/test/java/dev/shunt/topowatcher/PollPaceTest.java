package dev.shunt.topowatcher;

import static org.assertj.core.api.Assertions.assertThat;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.schemas.InFlight;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.schemas.WorkflowStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import vttime.Vttime;

class PollPaceTest {
  private final PollPace pace =
      new PollPace(Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(150));

  private static List<ReadVReplicationWorkflowResponse> workflow(
      VReplicationWorkflowState state, String position, long alive) {
    return List.of(
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflow("w")
            .addStreams(
                ReadVReplicationWorkflowResponse.Stream.newBuilder()
                    .setId(1)
                    .setState(state)
                    .setPos(position)
                    .setTimeUpdated(Vttime.Time.newBuilder().setSeconds(alive)))
            .build());
  }

  private List<Long> millis(List<ReadVReplicationWorkflowResponse> answer, int times) {
    return LongStream.range(0, times).map(i -> pace.after(answer).toMillis()).boxed().toList();
  }

  @Test
  void asksEverLessOftenWhereNothingRuns() {
    assertThat(millis(List.of(), 6)).containsExactly(20L, 40L, 80L, 150L, 150L, 150L);
    assertThat(millis(workflow(VReplicationWorkflowState.Stopped, "p", 5), 6))
        .containsExactly(10L, 20L, 40L, 80L, 150L, 150L);
  }

  @Test
  void asksForTheSignsOfLifeOfARunningStream() {
    assertThat(millis(workflow(VReplicationWorkflowState.Running, "p", 5), 4))
        .containsExactly(10L, 20L, 40L, 50L);
    assertThat(millis(workflow(VReplicationWorkflowState.Running, "q", 6), 1))
        .as("going on is no change")
        .containsExactly(50L);
    assertThat(millis(workflow(VReplicationWorkflowState.Stopped, "q", 6), 2))
        .containsExactly(10L, 20L);
  }

  @Test
  void asksOftenWhileAStreamCopies() {
    assertThat(millis(workflow(VReplicationWorkflowState.Copying, "", 5), 3))
        .containsExactly(10L, 10L, 10L);
  }

  @Test
  void beginsAnewWhenSomethingIsAboutToChange() throws Exception {
    assertThat(millis(List.of(), 5)).last().isEqualTo(150L);
    pace.wake();
    pace.await(Duration.ofDays(1));
    assertThat(millis(List.of(), 1)).containsExactly(20L);
  }

  @Test
  void noticesCommandsUnderWay() {
    Activity activity = new Activity();
    WorkflowKey key = new WorkflowKey("customer", "c2c");
    WorkflowStatus idle = status(key, null);
    WorkflowStatus busy = status(key, InFlight.of("id", "SwitchTraffic", "switch", "me", false, 1));
    assertThat(activity.look(Map.of())).isFalse();
    assertThat(activity.look(Map.of(key, idle))).isTrue();
    assertThat(activity.look(Map.of(key, idle))).isFalse();
    assertThat(activity.look(Map.of(key, busy))).isTrue();
    assertThat(activity.look(Map.of(key, busy))).isTrue();
    assertThat(activity.look(Map.of(key, idle))).isTrue();
    assertThat(activity.look(Map.of(key, idle))).isFalse();
  }

  private static WorkflowStatus status(WorkflowKey key, @Nullable InFlight inFlight) {
    return WorkflowStatus.of(key.keyspace(), key.workflow())
        .with(draft -> {
          draft.version = 1;
          draft.phase = Phase.ACTIVE;
          draft.inFlight = inFlight;
        });
  }
}

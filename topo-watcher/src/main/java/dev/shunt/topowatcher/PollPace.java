package dev.shunt.topowatcher;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse.Stream;

/**
 * How soon a tablet that can't be watched is asked again: soon after something changed, while
 * streams copy and when something is about to change; then ever later, up to a limit that is lower
 * while streams run, as their signs of life are to be reported. Used by one thread, but for {@link
 * #wake}.
 */
final class PollPace {
  private final long shortest;
  private final long longestRunning;
  private final long longest;
  private final Semaphore woken = new Semaphore(0);
  private List<ReadVReplicationWorkflowResponse> before = List.of();
  private long pause;

  /**
   * Begins with the shortest pause.
   *
   * @param shortest pause after a change
   * @param longestRunning longest pause while a stream runs
   * @param longest longest pause while none does
   */
  PollPace(Duration shortest, Duration longestRunning, Duration longest) {
    this.shortest = shortest.toNanos();
    this.longestRunning = Math.max(this.shortest, longestRunning.toNanos());
    this.longest = Math.max(this.longestRunning, longest.toNanos());
    this.pause = this.shortest;
  }

  /** Takes what the tablet answered, and says how long to wait. */
  Duration after(List<ReadVReplicationWorkflowResponse> workflows) {
    List<ReadVReplicationWorkflowResponse> now =
        workflows.stream().map(PollPace::withoutProgress).toList();
    boolean changed = !now.equals(before);
    before = now;
    if (changed
        || has(workflows, VReplicationWorkflowState.Copying, VReplicationWorkflowState.Init)) {
      pause = shortest;
    } else {
      boolean running = has(workflows, VReplicationWorkflowState.Running);
      pause = Math.min(2 * pause, running ? longestRunning : longest);
    }
    return Duration.ofNanos(pause);
  }

  private static boolean has(
      List<ReadVReplicationWorkflowResponse> workflows, VReplicationWorkflowState... states) {
    List<VReplicationWorkflowState> wanted = List.of(states);
    return workflows.stream()
        .flatMap(workflow -> workflow.getStreamsList().stream())
        .anyMatch(stream -> wanted.contains(stream.getState()));
  }

  private static ReadVReplicationWorkflowResponse withoutProgress(
      ReadVReplicationWorkflowResponse workflow) {
    ReadVReplicationWorkflowResponse.Builder plain = workflow.toBuilder().clearStreams();
    for (Stream stream : workflow.getStreamsList()) {
      plain.addStreams(
          stream.toBuilder()
              .clearPos()
              .clearRowsCopied()
              .clearTimeUpdated()
              .clearTimeHeartbeat()
              .clearTimeThrottled()
              .clearTransactionTimestamp()
              .clearComponentThrottled());
    }
    return plain.build();
  }

  /** Something is about to change: whoever waits goes on. */
  void wake() {
    if (woken.availablePermits() == 0) {
      woken.release();
    }
  }

  /** Waits so long, or until woken, but the shortest pause in any case. */
  void await(Duration wait) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(shortest);
    if (woken.tryAcquire(wait.toNanos() - shortest, TimeUnit.NANOSECONDS)) {
      pause = shortest;
    }
  }
}

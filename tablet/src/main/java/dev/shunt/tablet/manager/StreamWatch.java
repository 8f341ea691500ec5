package dev.shunt.tablet.manager;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.VReplicationEngine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsResponse;

/** Notifies watchers of the streams whenever one changes, but not too often. */
public final class StreamWatch {
  private static final Duration SHORTEST = Duration.ofMillis(250);
  private static final Duration WHILE_COPYING = Duration.ofSeconds(1);
  private static final Duration WHILE_QUIET = Duration.ofSeconds(10);

  private final List<Semaphore> watchers = new CopyOnWriteArrayList<>();

  /** Something changed. */
  public void changed() {
    for (Semaphore watcher : watchers) {
      if (watcher.availablePermits() == 0) {
        watcher.release();
      }
    }
  }

  /** Hears of the engine's changes from now on, until the result is closed. */
  public AutoCloseable follow(VReplicationEngine engine) {
    return engine.watch(id -> changed());
  }

  /** Sends the selected workflows at once and after changes, until interrupted. */
  void watch(
      Workflows workflows,
      ReadVReplicationWorkflowsRequest request,
      StreamSink<ReadVReplicationWorkflowsResponse> sink)
      throws InterruptedException {
    Semaphore news = new Semaphore(0);
    watchers.add(news);
    try {
      while (true) {
        news.drainPermits();
        List<ReadVReplicationWorkflowResponse> all = workflows.read(request);
        sink.accept(ReadVReplicationWorkflowsResponse.newBuilder().addAllWorkflows(all).build());
        TimeUnit.NANOSECONDS.sleep(SHORTEST.toNanos());
        Duration wait = all.stream().anyMatch(StreamWatch::copies) ? WHILE_COPYING : WHILE_QUIET;
        var unused = news.tryAcquire(wait.minus(SHORTEST).toNanos(), TimeUnit.NANOSECONDS);
      }
    } finally {
      watchers.remove(news);
    }
  }

  private static boolean copies(ReadVReplicationWorkflowResponse workflow) {
    return workflow.getStreamsList().stream()
        .anyMatch(stream ->
            stream.getState() == VReplicationWorkflowState.Copying
                || stream.getState() == VReplicationWorkflowState.Init);
  }
}

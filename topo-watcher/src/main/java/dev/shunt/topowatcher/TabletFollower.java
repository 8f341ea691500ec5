package dev.shunt.topowatcher;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import dev.shunt.cluster.StreamReading;
import dev.shunt.schemas.CopyState;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsResponse;

/**
 * Follows the streams of one tablet on a thread of its own until it is closed: watches where the
 * tablet serves that, else asks again and again. Reconnects by itself.
 */
final class TabletFollower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TabletFollower.class);
  private static final ReadVReplicationWorkflowsRequest ALL =
      ReadVReplicationWorkflowsRequest.getDefaultInstance();
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 2000;

  private final Primary primary;
  private final TabletClient client;
  private final Duration poll;
  private final PollPace pace;
  private final Consumer<Inbound.Snapshot> sink;
  private final Thread thread;
  private boolean watchable = true;
  private boolean away;
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private long copyStatesAt;
  private Map<Long, List<CopyState>> copyStates = Map.of();

  /**
   * Begins to follow.
   *
   * @param poll how often copies under way are looked at
   * @param pace how soon a tablet that can't be watched is asked again
   */
  TabletFollower(
      Primary primary,
      TabletClient client,
      Duration poll,
      PollPace pace,
      Consumer<Inbound.Snapshot> sink) {
    this.primary = primary;
    this.client = client;
    this.poll = poll;
    this.pace = pace;
    this.sink = sink;
    this.thread = Thread.ofVirtual().name("follow " + primary.alias()).start(this::run);
  }

  Primary primary() {
    return primary;
  }

  /** Something may be about to change there: a tablet that is asked is asked now. */
  void wake() {
    pace.wake();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          if (watchable) {
            watch();
          } else {
            List<ReadVReplicationWorkflowResponse> workflows =
                client.readVReplicationWorkflows(ALL);
            report(workflows);
            pace.await(pace.after(workflows));
          }
        } catch (TabletException e) {
          failed(e);
        } catch (RuntimeException | Error e) { // else its streams would stand still unseen
          broke(e);
        }
      }
    } catch (InterruptedException e) {
      log.atDebug().addKeyValue("tablet", primary.alias()).log("no longer followed");
    }
  }

  private void watch() throws InterruptedException {
    try (TabletStream<ReadVReplicationWorkflowsResponse> stream = client.watchStreams(ALL)) {
      while (stream.hasNext()) {
        report(stream.next().getWorkflowsList());
      }
    }
    // The tablet ended the watch, as it does when it stops.
    Thread.sleep(pauseMillis);
  }

  private void failed(TabletException e) throws InterruptedException {
    if (watchable && e.code() == Status.Code.UNIMPLEMENTED) {
      watchable = false;
      log.atInfo().addKeyValue("tablet", primary.alias()).log("cannot be watched, asking instead");
      return;
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    log.atLevel(away ? Level.DEBUG : Level.WARN)
        .addKeyValue("tablet", primary.alias())
        .addKeyValue("cause", e.getMessage())
        .log("tablet can't be followed, trying again until it answers");
    away = true;
    watchable = true;
    Thread.sleep(pauseMillis);
    pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
  }

  /** Goes on whatever fails, memory for the line in the log included. */
  private void broke(Throwable why) throws InterruptedException {
    try {
      log.atWarn()
          .addKeyValue("tablet", primary.alias())
          .setCause(why)
          .log("the streams of a tablet can't be reported, trying again");
    } catch (RuntimeException | Error e) {
      // There may be no memory for it, nor would there be to say that.
    }
    Thread.sleep(LONGEST_PAUSE_MILLIS);
  }

  private void report(List<ReadVReplicationWorkflowResponse> workflows) {
    List<Integer> copying =
        workflows.stream()
            .flatMap(workflow -> workflow.getStreamsList().stream())
            .filter(stream ->
                stream.getState() == VReplicationWorkflowState.Copying
                    || stream.getState() == VReplicationWorkflowState.Init)
            .map(ReadVReplicationWorkflowResponse.Stream::getId)
            .toList();
    if (copying.isEmpty()) {
      copyStates = Map.of();
      copyStatesAt = 0;
    } else if (copyStatesAt == 0 || System.nanoTime() - copyStatesAt >= poll.toNanos()) {
      copyStates =
          StreamReading.copyStates(
              client.vReplicationExec(StreamReading.copyStatesQuery("_vt", copying)));
      copyStatesAt = System.nanoTime();
    }
    sink.accept(new Inbound.Snapshot(primary, workflows, copyStates));
    pauseMillis = FIRST_PAUSE_MILLIS;
    if (away) {
      away = false;
      log.atInfo().addKeyValue("tablet", primary.alias()).log("tablet is followed again");
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

package dev.shunt.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * A clock that steps must not make a wait longer or shorter: what is waited for is measured by
 * {@code System.nanoTime}. The time of day is for what is stored or shown; who reads it for that
 * stands here.
 */
class WallClockTest {
  private static final Pattern WALL_CLOCK =
      Pattern.compile(
          "currentTimeMillis|Instant\\.now|LocalDateTime\\.now|new Date\\(|Clock\\.system"
              + "|InstantSource\\.system|\\b(?:clock|time)(?:\\(\\))?\\.(?:millis|instant)\\(");

  /** Files that read it for a value that is stored or shown, or hand it to those. */
  private static final Set<String> STORED_OR_SHOWN =
      Set.of(
          "bench/src/main/java/dev/shunt/bench/events/EventsCluster.java",
          "bench/src/main/java/dev/shunt/bench/events/StandIn.java",
          "bench/src/main/java/dev/shunt/bench/measure/Host.java",
          "bench/src/main/java/dev/shunt/bench/switching/SwitchBench.java",
          "cli/src/main/java/dev/shunt/cli/cluster/LockVerbs.java",
          "cli/src/main/java/dev/shunt/cli/log/OpenCommandVerb.java",
          "cli/src/main/java/dev/shunt/cli/log/CommandVerbs.java",
          "cli/src/main/java/dev/shunt/cli/vdiff/Eta.java",
          "client/src/main/java/dev/shunt/client/TopicFollower.java",
          "command-service/src/main/java/dev/shunt/command/CommandService.java",
          "command-service/src/main/java/dev/shunt/command/http/LockApi.java",
          "command-service/src/main/java/dev/shunt/command/reading/LiveStatus.java",
          "command-service/src/main/java/dev/shunt/command/reading/ReadCalls.java",
          "command-service/src/main/java/dev/shunt/command/sending/CommandFactory.java",
          "copy-service/src/main/java/dev/shunt/copy/creating/CreatePlanner.java",
          "copy-service/src/main/java/dev/shunt/copy/ending/CompletePlanner.java",
          "local/src/main/java/dev/shunt/local/demo/DemoCommands.java",
          "local/src/main/java/dev/shunt/local/demo/Stage.java",
          "saga/src/main/java/dev/shunt/saga/Run.java",
          "saga/src/main/java/dev/shunt/saga/SagaHandler.java",
          "saga/src/main/java/dev/shunt/saga/TaskRunner.java",
          "service/src/main/java/dev/shunt/service/KafkaWatch.java",
          "switcher-service/src/main/java/dev/shunt/switcher/JournalWriter.java",
          "switcher-service/src/main/java/dev/shunt/switcher/StreamMigrator.java",
          "switcher-service/src/main/java/dev/shunt/switcher/SwitchPlanner.java",
          "switcher-service/src/main/java/dev/shunt/switcher/SwitchSaga.java",
          "tablet/src/main/java/dev/shunt/tablet/StreamingParts.java",
          "tablet/src/main/java/dev/shunt/tablet/Tablet.java",
          "tablet/src/main/java/dev/shunt/tablet/TabletRole.java",
          "tablet/src/main/java/dev/shunt/tablet/query/OpenTransactions.java",
          "tablet/src/main/java/dev/shunt/tablet/vreplication/applying/Applier.java",
          "tablet/src/main/java/dev/shunt/tablet/vreplication/applying/Player.java",
          "tablet/src/main/java/dev/shunt/tablet/vreplication/stream/StreamThrottle.java",
          "tablet/src/main/java/dev/shunt/tablet/vstreamer/EventBuffer.java",
          "topo-watcher/src/main/java/dev/shunt/topowatcher/Relay.java",
          "topo-watcher/src/main/java/dev/shunt/topowatcher/StreamReports.java",
          "topo-watcher/src/main/java/dev/shunt/topowatcher/TopoWatcherService.java",
          "time/src/main/java/dev/shunt/time/SystemTime.java",
          "topo/src/main/java/dev/shunt/topo/EtcdLock.java",
          "topo/src/main/java/dev/shunt/topo/Lives.java",
          "topo/src/main/java/dev/shunt/topo/LocalLocks.java",
          "topo/src/main/java/dev/shunt/topo/TabletRecords.java",
          "workflow-state/src/main/java/dev/shunt/workflowstate/OpenTransactionWatch.java",
          "workflow-state/src/main/java/dev/shunt/workflowstate/ReportBatches.java",
          "workflow-state/src/main/java/dev/shunt/workflowstate/ReportGatherer.java");

  @Test
  void theTimeOfDayIsForWhatIsStoredOrShown() throws IOException {
    Path root = Project.root();
    Set<String> found = new TreeSet<>();
    for (Path file : Project.sources("src/main/java")) {
      if (readsTheTimeOfDay(file)) {
        found.add(root.relativize(file).toString());
      }
    }
    found.removeAll(STORED_OR_SHOWN);
    assertThat(found)
        .as(
            "files that read the time of day: measure waits by System.nanoTime; where it is stored"
                + " or shown, add the file to this test")
        .isEmpty();
  }

  @Test
  void findsTheKind() {
    assertThat(
            List.of(
                "long due = System.currentTimeMillis() + 5;",
                "Instant end = Instant.now().plus(wait);",
                "if (clock.millis() >= notBefore) {"))
        .allMatch(line -> WALL_CLOCK.matcher(line).find());
    assertThat("long start = System.nanoTime();").doesNotContainPattern(WALL_CLOCK);
  }

  private static boolean readsTheTimeOfDay(Path file) {
    try {
      return Files.readAllLines(file).stream().anyMatch(line -> WALL_CLOCK.matcher(line).find());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

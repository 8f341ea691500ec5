package dev.shunt.topowatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class TabletFollowerTest {
  private static final Duration POLL = Duration.ofMillis(50);

  @Test
  void logsOnceThatATabletIsAwayAndOnceThatItIsBack() throws Exception {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(TabletFollower.class);
    lines.start();
    logger.addAppender(lines);
    List<Inbound.Snapshot> snapshots = new CopyOnWriteArrayList<>();
    try (TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        FakeTablet tablet = new FakeTablet(200, true)) {
      Primary primary = new Primary("customer", "0", tablet.tablet("customer", "0"));
      try (TabletFollower _ =
          new TabletFollower(
              primary,
              tablets.of(primary.tablet()),
              POLL,
              new PollPace(POLL, POLL, POLL),
              snapshots::add)) {
        await().until(() -> !snapshots.isEmpty());
        tablet.stop();
        await()
            .during(Duration.ofSeconds(6)) // it is tried several times
            .atMost(Duration.ofSeconds(8))
            .until(() -> snapshots.size() == 1);
        tablet.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> snapshots.size() > 1);

        await()
            .untilAsserted(() ->
                assertThat(List.copyOf(lines.list))
                    .extracting(line -> line.getLevel() + " " + line.getFormattedMessage())
                    .containsExactly(
                        "WARN tablet can't be followed, trying again until it answers",
                        "INFO tablet is followed again"));
      }
    } finally {
      logger.detachAppender(lines);
    }
  }

  /** Else what is known of the tablet's streams would stand still, and nobody would see why. */
  @Test
  void goesOnThoughWhatATabletSaysCannotBeTold() throws Exception {
    List<Inbound.Snapshot> snapshots = new CopyOnWriteArrayList<>();
    AtomicInteger reported = new AtomicInteger();
    try (TabletClients tablets = TabletClients.grpc(TabletClientConfig.DEFAULT);
        FakeTablet tablet = new FakeTablet(200, true)) {
      Primary primary = new Primary("customer", "0", tablet.tablet("customer", "0"));
      try (TabletFollower _ =
          new TabletFollower(
              primary,
              tablets.of(primary.tablet()),
              POLL,
              new PollPace(POLL, POLL, POLL),
              snapshot -> {
                switch (reported.incrementAndGet()) {
                  case 1 -> throw new IllegalStateException("not understood");
                  case 2 -> throw new StackOverflowError();
                  default -> snapshots.add(snapshot);
                }
              })) {
        await().atMost(Duration.ofSeconds(20)).until(() -> !snapshots.isEmpty());
      }
    }
  }
}

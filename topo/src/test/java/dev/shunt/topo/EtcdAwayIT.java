package dev.shunt.topo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.Folders;
import dev.shunt.embedded.Stalls;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Etcd goes for a while, and comes back as it was or as it had been before. */
class EtcdAwayIT {
  private static final Duration OUTAGE =
      Boolean.getBoolean("test.full") ? Duration.ofSeconds(80) : Duration.ofSeconds(17);

  private static final Duration RETURN = Duration.ofSeconds(2);

  @TempDir Path directory;

  @Test
  void readsWritesAndWatchesGoOnWhenItIsBackHoweverLongItWasAway() throws Exception {
    assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    try (LogTrap logs = new LogTrap();
        EtcdServer killed = EtcdServer.start(directory.resolve("killed"), 0);
        EtcdServer asleep = EtcdServer.start(directory.resolve("asleep"), 0);
        Following first = new Following(killed.endpoint());
        Following second = new Following(asleep.endpoint())) {
      first.awaitCurrent();
      second.awaitCurrent();
      killed.kill();
      asleep.pause();
      long goneAt = System.nanoTime();
      await()
          .atMost(OUTAGE.plusSeconds(60))
          .pollInterval(Duration.ofMillis(200))
          .until(() -> System.nanoTime() - goneAt > OUTAGE.toNanos());

      asleep.resume();
      second.requireBack();
      killed.start();
      first.requireBack();

      await().untilAsserted(() -> assertThat(logs.about(killed, Level.INFO)).hasSize(1));
      assertThat(logs.about(killed, Level.WARN)).as("%s", logs.all()).hasSize(1);
      assertThat(logs.all())
          .as("no stack traces")
          .noneMatch(event -> event.getThrowableProxy() != null);
    }
  }

  /** Writes all the time, and watches what was written. */
  static final class Following implements AutoCloseable {
    private final Topo topo;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong writtenAt = new AtomicLong();
    private final AtomicLong seenAt = new AtomicLong();
    private final Thread writer;

    Following(String endpoints) {
      topo = Topos.etcd(endpoints, "/vitess/global");
      topo.createKeyspace("k", Topodata.Keyspace.getDefaultInstance());
      topo.createShard("k", "0");
      var unused =
          topo.watch("global", "keyspaces/k/shards", event -> seenAt.set(System.nanoTime()));
      writer = Thread.ofVirtual().start(this::write);
    }

    private void write() {
      while (!over.get()) {
        try {
          topo.updateShard(
              "k",
              "0",
              shard -> shard.toBuilder().setIsPrimaryServing(!shard.getIsPrimaryServing()).build());
          writtenAt.set(System.nanoTime());
          Thread.sleep(100);
        } catch (TopoException e) {
          // away
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    void awaitCurrent() {
      long now = System.nanoTime();
      await().until(() -> writtenAt.get() - now > 0 && seenAt.get() - now > 0);
    }

    /** From now on it writes and sees what it wrote, in time. */
    void requireBack() {
      requireBack(RETURN);
    }

    void requireBack(Duration limit) {
      long since = System.nanoTime();
      try (Stalls stalls = new Stalls()) {
        await()
            .atMost(Duration.ofMinutes(2))
            .pollInterval(Duration.ofMillis(10))
            .until(() -> writtenAt.get() - since > 0 && seenAt.get() - since > 0);
        assertThat(Duration.ofNanos(System.nanoTime() - since))
            .isLessThan(limit.plus(stalls.sum()));
      }
    }

    @Override
    public void close() {
      over.set(true);
      writer.interrupt();
      topo.close(); // its watches end with it
    }
  }

  @Test
  void aStoreThatWasPutBackIsFollowedAndTold() throws Exception {
    assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    Path folder = directory.resolve("etcd");
    try (LogTrap logs = new LogTrap();
        EtcdServer etcd = EtcdServer.start(folder, 0);
        Topo topo = Topos.etcd(etcd.endpoint(), "/vitess/global")) {
      topo.createKeyspace("before", Topodata.Keyspace.getDefaultInstance());
      StoreLife life = topo.life();
      etcd.stop();
      copy(folder.resolve("data"), directory.resolve("saved"));
      etcd.start();
      Set<String> seen = ConcurrentHashMap.newKeySet();
      try (AutoCloseable _ =
          topo.watch(
              "global",
              "keyspaces",
              event -> {
                if (event.value() == null) {
                  seen.remove(event.path());
                } else {
                  seen.add(event.path());
                }
              })) {
        for (int i = 0; i < 50; i++) {
          topo.createKeyspace("after" + i, Topodata.Keyspace.getDefaultInstance());
        }
        await().until(() -> seen.contains("keyspaces/after49/Keyspace"));
        long newest = topo.life().newestToken();

        etcd.kill();
        Folders.delete(folder.resolve("data"));
        copy(directory.resolve("saved"), folder.resolve("data"));
        etcd.start();

        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() ->
                assertThat(seen)
                    .containsExactlyInAnyOrder(
                        "keyspaces/before/Keyspace", "keyspaces/before/VSchema"));
        topo.createKeyspace("again", Topodata.Keyspace.getDefaultInstance());
        await().until(() -> seen.contains("keyspaces/again/Keyspace"));
        assertThat(logs.all())
            .anyMatch(
                event -> event.getFormattedMessage().contains("put back to an earlier state"));
        assertThat(topo.life().newestToken()).isLessThan(newest);
        assertThat(topo.life().epoch()).isEqualTo(life.epoch());
        topo.endLife("another", newest);
        assertThat(topo.life().epoch()).isEqualTo(life.epoch());
        topo.endLife(life.epoch(), newest);
        assertThat(topo.life().epoch()).isNotEqualTo(life.epoch());
        assertThat(topo.life().newestToken()).isGreaterThan(newest);
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes unused)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes unused)
              throws IOException {
            Files.copy(file, to.resolve(from.relativize(file).toString()));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** What is logged at INFO and above meanwhile. */
  static final class LogTrap implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    private final Level before = root.getLevel();

    LogTrap() {
      root.setLevel(Level.INFO);
      appender.start();
      root.addAppender(appender);
    }

    List<ILoggingEvent> all() {
      return events().stream()
          .filter(event ->
              event
                  .getLevel()
                  .isGreaterOrEqual(
                      event.getLoggerName().startsWith("dev.shunt") ? Level.INFO : Level.ERROR))
          .toList();
    }

    private List<ILoggingEvent> events() {
      synchronized (appender) { // as who appends does
        return List.copyOf(appender.list);
      }
    }

    List<ILoggingEvent> about(EtcdServer etcd, Level level) {
      return all().stream()
          .filter(event -> event.getLevel().equals(level))
          .filter(event -> String.valueOf(event.getKeyValuePairs()).contains(":" + etcd.port()))
          .toList();
    }

    @Override
    public void close() {
      root.detachAppender(appender);
      root.setLevel(before);
    }
  }
}

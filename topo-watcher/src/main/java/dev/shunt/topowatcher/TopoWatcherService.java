package dev.shunt.topowatcher;

import dev.shunt.schemas.registry.SchemaRegistry;
import dev.shunt.service.Service;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.TopoLock;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Relays topology changes and streams to Kafka. Of all instances the one that holds the named lock
 * relays; when it dies, another takes over once the lock's lease has ended, and reports what
 * changed and what vanished meanwhile.
 */
public final class TopoWatcherService implements Service {
  private static final Logger log = LoggerFactory.getLogger(TopoWatcherService.class);
  private static final String LOCK = "shunt/topo-watcher";
  private static final Duration LOCK_WAIT = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final TopoWatcherConfig config;
  private final Topo topo;
  private final TabletClients tablets;
  private final RelayLog relayLog;
  private volatile boolean closed;
  private volatile boolean relaying;
  private @Nullable Thread thread;

  /** Wires the service; what it is given stays the giver's to close. */
  public TopoWatcherService(
      TopoWatcherConfig config, Topo topo, TabletClients tablets, SchemaRegistry registry) {
    this.config = config;
    this.topo = topo;
    this.tablets = tablets;
    this.relayLog = new KafkaRelayLog(config.kafka(), registry);
  }

  @Override
  public String name() {
    return "topo-watcher";
  }

  /** Whether this instance is the one that relays. */
  public boolean relaying() {
    return relaying;
  }

  @Override
  public void start() {
    relayLog.start();
    thread = Thread.ofVirtual().name("topo-watcher").start(this::run);
  }

  private void run() {
    while (!closed) {
      try (TopoLock lock = topo.lockName(LOCK, "topo-watcher", config.lease(), LOCK_WAIT)) {
        relay(lock);
      } catch (InterruptedException | InterruptException e) {
        return;
      } catch (RuntimeException | Error e) {
        // Whatever stopped the relay, the next one starts from what the log and the topology hold.
        boolean waitedInVain =
            e instanceof TopoException topoError && topoError.kind() == TopoException.Kind.TIMEOUT;
        if (!waitedInVain) {
          failed(e);
        }
      }
    }
  }

  /** Relays until the service is closed, the lock is lost or somebody else took over. */
  private void relay(TopoLock lock) throws InterruptedException {
    try (RelayLog.Writer writer = relayLog.takeOver();
        Relay relay = new Relay(topo, tablets, relayLog, writer, config, InstantSource.system())) {
      relaying = true;
      log.atInfo().addKeyValue("token", lock.token()).log("relaying");
      long checkEvery = config.lease().dividedBy(3).toNanos();
      long checkedAt = System.nanoTime();
      while (!closed) {
        if (System.nanoTime() - checkedAt >= checkEvery) {
          lock.check();
          checkedAt = System.nanoTime();
        }
        relay.step();
      }
    } finally {
      relaying = false;
    }
  }

  /** Goes on whatever fails, memory for the line in the log included. */
  private void failed(Throwable why) {
    if (closed) {
      return;
    }
    try {
      log.atLevel(TopoException.storeAway(why) ? Level.DEBUG : Level.WARN)
          .setCause(why)
          .log("stopped relaying, trying again");
      Thread.sleep(PAUSE);
    } catch (InterruptedException interrupted) {
      closed = true;
    } catch (RuntimeException | Error e) {
      // There may be no memory for it, nor would there be to say that.
    }
  }

  @Override
  public void close() {
    closed = true;
    Thread running = thread;
    try {
      if (running != null) {
        running.interrupt();
        boolean unused = running.join(Duration.ofSeconds(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    relayLog.close();
  }
}

package dev.shunt.tablet.vstreamer;

import dev.shunt.topo.TopoException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vschema.Vschema;

/**
 * The vschemas as of a few seconds ago, for all streams of a tablet to look at again and again. No
 * stream waits for the topology: they are read aside.
 */
final class RecentVSchemas {
  private static final Logger log = LoggerFactory.getLogger(RecentVSchemas.class);
  private static final long OLDEST_NANOS = Duration.ofSeconds(5).toNanos();

  private final Supplier<Vschema.SrvVSchema> read;
  private final AtomicBoolean reading = new AtomicBoolean();
  private volatile Vschema.@Nullable SrvVSchema latest;
  private volatile long readAt = System.nanoTime() - OLDEST_NANOS - 1;

  RecentVSchemas(Supplier<Vschema.SrvVSchema> read) {
    this.read = read;
  }

  /**
   * What was read last, at once; it is read again when that is five seconds ago. Null until it was
   * read.
   */
  Vschema.@Nullable SrvVSchema get() {
    if (System.nanoTime() - readAt > OLDEST_NANOS && reading.compareAndSet(false, true)) {
      Thread.ofVirtual().name("recent-vschemas").start(this::readAgain);
    }
    return latest;
  }

  private void readAgain() {
    try {
      latest = read.get();
    } catch (TopoException e) {
      log.atWarn().setCause(e).log("the vschemas can't be read now");
    } finally {
      readAt = System.nanoTime();
      reading.set(false);
    }
  }
}

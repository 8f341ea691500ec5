package dev.shunt.tablet.vstreamer;

import dev.shunt.topo.TopoException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vschema.Vschema;

/** The vschemas as of a few seconds ago, for all streams of a tablet to look at again and again. */
final class RecentVSchemas {
  private static final Logger log = LoggerFactory.getLogger(RecentVSchemas.class);
  private static final long OLDEST_NANOS = Duration.ofSeconds(5).toNanos();

  private final Supplier<Vschema.SrvVSchema> read;
  private final ReentrantLock lock = new ReentrantLock();
  private Vschema.@Nullable SrvVSchema latest;
  private long readAt;

  RecentVSchemas(Supplier<Vschema.SrvVSchema> read) {
    this.read = read;
  }

  /** At most five seconds old, unless the topology is away; null when it was since the start. */
  Vschema.@Nullable SrvVSchema get() {
    lock.lock();
    try {
      if (latest == null || System.nanoTime() - readAt > OLDEST_NANOS) {
        readAt = System.nanoTime();
        latest = read.get();
      }
    } catch (TopoException e) {
      log.atWarn().setCause(e).log("the vschemas can't be read now");
    } finally {
      lock.unlock();
    }
    return latest;
  }
}

package dev.shunt.tablet;

import dev.shunt.topo.Aliases;
import io.vitess.proto.Topodata;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Ends a tablet's term as primary when its shard's record names another tablet since a later time,
 * as Vitess does: who made that one primary may not have reached this one.
 */
final class Succession implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Succession.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

  private final TabletIdentity identity;
  private final TabletRole role;
  private @Nullable Thread ending;
  private Topodata.Shard newest = Topodata.Shard.getDefaultInstance();
  private boolean closed;

  Succession(TabletIdentity identity, TabletRole role) {
    this.identity = identity;
    this.role = role;
  }

  /** Takes note of the shard's record; returns at once. */
  synchronized void read(Topodata.Shard shard) {
    newest = shard;
    if (closed || ending != null || !role.replacedIn(shard)) {
      return;
    }
    log.atWarn()
        .addKeyValue("tablet", identity.aliasText())
        .addKeyValue("primary", Aliases.text(shard.getPrimaryAlias()))
        .addKeyValue("since", FirstRole.instant(shard.getPrimaryTermStartTime()))
        .log("another tablet is the shard's primary by now; this one becomes a replica");
    ending = Thread.ofVirtual().name("end-term " + identity.aliasText()).start(this::end);
  }

  /** Looks again at what was read before there was a term to end. */
  void lookAgain() {
    read(newest());
  }

  private void end() {
    try {
      boolean failed = false;
      do {
        try {
          role.endTerm(newest());
          if (failed) {
            role.refresh(LONGEST_WAIT); // the type may be changed, and what is denied to it unread
          }
          failed = false;
        } catch (RuntimeException e) {
          log.atLevel(failed ? Level.DEBUG : Level.WARN)
              .addKeyValue("tablet", identity.aliasText())
              .setCause(e)
              .log("the term as primary can't be ended yet, tried until it can");
          failed = true;
          Thread.sleep(RETRY);
        }
      } while (failed || !over());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Topodata.Shard newest() {
    return newest;
  }

  /** Whether there is nothing to end; what is read behind that begins anew. */
  private synchronized boolean over() {
    boolean over = closed || !role.replacedIn(newest);
    if (over) {
      ending = null;
    }
    return over;
  }

  /** On return nothing is under way, unless it can't be interrupted. */
  @Override
  public void close() {
    Thread last = markClosed();
    if (last != null) {
      last.interrupt();
      try {
        var _ = last.join(LONGEST_CLOSE);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized @Nullable Thread markClosed() {
    closed = true;
    return ending;
  }
}

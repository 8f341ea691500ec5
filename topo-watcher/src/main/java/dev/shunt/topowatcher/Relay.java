package dev.shunt.topowatcher;

import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.RecordKinds;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoEvent;
import dev.shunt.topo.TopoException;
import io.vitess.proto.Topodata;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the relaying instance does: watches all cells, follows all primaries, and writes what is
 * worth a record. All is handled by the one thread that calls {@link #step()}; watches and
 * followers only fill its inbox.
 */
final class Relay implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Relay.class);
  private static final long LONGEST_STEP_MILLIS = 1000;
  private static final int BATCH = 1000;
  private static final long RECONCILE_MILLIS = 2000;
  private static final long LOOK_MILLIS = 250;

  private final Topo topo;
  private final TabletClients tablets;
  private final RelayLog relayLog;
  private final RelayLog.Writer writer;
  private final TopoWatcherConfig config;
  private final Activity activity = new Activity();
  private final long longestStepMillis;
  private final InstantSource clock;
  private final BlockingQueue<Inbound> inbox = new LinkedBlockingQueue<>();
  private final TopoChanges changes;
  private final Primaries primaries = new Primaries();
  private final StreamReports reports;
  private final Map<String, AutoCloseable> watches = new HashMap<>();
  private final Set<String> synced = new HashSet<>();
  private final Map<String, TabletFollower> followers = new HashMap<>();
  private long nextReconcile = ticks();
  private long nextLook = ticks();
  private boolean looksLater;

  Relay(
      Topo topo,
      TabletClients tablets,
      RelayLog relayLog,
      RelayLog.Writer writer,
      TopoWatcherConfig config,
      InstantSource clock) {
    this.topo = topo;
    this.tablets = tablets;
    this.relayLog = relayLog;
    this.writer = writer;
    this.config = config;
    this.longestStepMillis = Math.clamp(config.lease().toMillis() / 3, 1, LONGEST_STEP_MILLIS);
    this.clock = clock;
    this.changes = new TopoChanges(relayLog.topoChanges());
    this.reports = new StreamReports(config.progress(), config.heartbeat(), clock);
    watch(Topo.GLOBAL_CELL);
  }

  private void watch(String cell) {
    AutoCloseable watch =
        topo.watch(
            cell,
            "",
            event -> inbox.add(new Inbound.TopoChanged(event)),
            () -> inbox.add(new Inbound.TopoSynced(cell)));
    close(watches.put(cell, watch));
  }

  /**
   * Waits until there is something to do, at most a second or a third of the lease; does it and
   * writes the result.
   */
  void step() throws InterruptedException {
    List<Inbound> batch = new ArrayList<>();
    Inbound first = inbox.poll(untilDue(ticks()), TimeUnit.MILLISECONDS);
    if (first != null) {
      batch.add(first);
      inbox.drainTo(batch, BATCH);
    }
    long now = ticks();
    List<RelayRecord> records = new ArrayList<>();
    for (Inbound inbound : batch) {
      records.addAll(handle(inbound, now));
    }
    boolean topoChanged = batch.stream().anyMatch(in -> !(in instanceof Inbound.Snapshot));
    if (topoChanged) {
      records.addAll(follow());
    }
    if (active(now) || topoChanged) {
      followers.values().forEach(TabletFollower::wake);
    }
    records.addAll(reports.due(now));
    if (now >= nextReconcile && globalSynced()) {
      records.addAll(reports.reconcile(relayLog.statuses(), this::mayAnswer));
      nextReconcile = now + RECONCILE_MILLIS;
    }
    if (!records.isEmpty()) {
      writer.write(records);
    }
  }

  /** Not at each step: a look reads the status of every workflow. */
  private boolean active(long now) {
    looksLater = now < nextLook;
    if (looksLater) {
      return false;
    }
    nextLook = now + LOOK_MILLIS;
    return activity.look(relayLog.statuses());
  }

  /** Milliseconds of a clock that never steps: by it things are due. */
  private static long ticks() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** From then on it is known which cells there are. */
  private boolean globalSynced() {
    return synced.contains(Topo.GLOBAL_CELL);
  }

  /** Whether a tablet is followed, or may be once its cell says which tablets it has. */
  private boolean mayAnswer(String alias) {
    String cell = alias.substring(0, Math.max(0, alias.lastIndexOf('-')));
    return followers.containsKey(alias) || (watches.containsKey(cell) && !synced.contains(cell));
  }

  /** Milliseconds until something is to be done though nothing comes in. */
  private long untilDue(long now) {
    long due = Math.min(reports.nextDue(), globalSynced() ? nextReconcile : Long.MAX_VALUE);
    due = looksLater ? Math.min(due, nextLook) : due;
    return Math.clamp(due - now, 0, longestStepMillis);
  }

  private List<RelayRecord> handle(Inbound inbound, long now) {
    return switch (inbound) {
      case Inbound.TopoChanged(TopoEvent event) -> topoChanged(event, clock.millis());
      case Inbound.TopoSynced(String cell) -> {
        synced.add(cell);
        yield changes.synced(cell, clock.millis());
      }
      case Inbound.Snapshot snapshot -> {
        // What a follower reported before it was closed comes too late.
        TabletFollower follower = followers.get(snapshot.tablet().alias());
        yield follower != null && follower.primary().equals(snapshot.tablet())
            ? reports.accept(snapshot, now)
            : List.of();
      }
    };
  }

  private List<RelayRecord> topoChanged(TopoEvent event, long now) {
    List<RelayRecord> records = new ArrayList<>();
    try {
      records.addAll(changes.accept(event, now));
      primaries.accept(event);
    } catch (TopoException e) {
      log.atError()
          .addKeyValue("cell", event.cell())
          .addKeyValue("path", event.path())
          .setCause(e)
          .log("unreadable topology record is not relayed");
      return records;
    }
    boolean isCell =
        event.cell().equals(Topo.GLOBAL_CELL)
            && RecordKinds.of(event.path())
                .filter(kind -> kind instanceof Topodata.CellInfo)
                .isPresent();
    if (isCell) {
      String cell = event.path().split("/", -1)[1];
      if (event.value() == null) {
        close(watches.remove(cell));
        records.addAll(changes.cellGone(cell, now));
      } else {
        watchCell(cell);
      }
    }
    return records;
  }

  private void watchCell(String cell) {
    try {
      synced.remove(cell);
      watch(cell);
    } catch (TopoException e) {
      if (e.kind() != TopoException.Kind.NO_NODE) {
        throw e;
      }
      // It was removed meanwhile; that event is on its way.
      log.atDebug().addKeyValue("cell", cell).log("cell is gone again");
    }
  }

  /** Follows exactly the present primaries. */
  private List<RelayRecord> follow() {
    Map<String, Primary> wanted = primaries.current();
    List<RelayRecord> records = new ArrayList<>();
    for (String alias : List.copyOf(followers.keySet())) {
      Primary primary = wanted.get(alias);
      TabletFollower follower = followers.get(alias);
      if (follower != null && (primary == null || !primary.sameAddress(follower.primary()))) {
        follower.close();
        followers.remove(alias);
        if (primary == null) {
          records.addAll(reports.tabletGone(alias));
        }
      }
    }
    wanted.forEach((alias, primary) ->
        followers.computeIfAbsent(
            alias,
            key ->
                new TabletFollower(
                    primary,
                    tablets.of(primary.tablet()),
                    config.poll(),
                    new PollPace(config.poll(), config.heartbeat(), config.idlePoll()),
                    inbox::add)));
    return records;
  }

  private static void close(@Nullable AutoCloseable closeable) {
    try {
      if (closeable != null) {
        closeable.close();
      }
    } catch (Exception e) {
      throw new IllegalStateException("a watch did not close", e);
    }
  }

  @Override
  public void close() {
    followers.values().forEach(TabletFollower::close);
    watches.values().forEach(Relay::close);
  }
}

package dev.shunt.tablet;

import dev.shunt.tablet.manager.RoleControl;
import dev.shunt.tablet.manager.StreamStore;
import dev.shunt.tablet.query.QueryExecutor;
import dev.shunt.tablet.query.ServingState;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Versioned;
import dev.shunt.workflow.routing.ServedShards;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vttime.Vttime;

/**
 * What a tablet is: its record in the topology, and what follows from its type. Streams into its
 * database run while it is PRIMARY only. A tablet that ceases to be what it is takes no more
 * statements, waits for those under way, ends open transactions and stops its streams before it
 * says so in the topology, so that whoever reads it there finds nothing of it left.
 *
 * <pre>
 *   changeType:  drain ──▶ streams stopped ──▶ record written ──▶ streams, if PRIMARY
 *                  └─── doesn't end, or isn't written: as before        ▼
 *                                             serve ◀── denied tables of the new type
 * </pre>
 */
final class TabletRole implements RoleControl {
  private static final Logger log = LoggerFactory.getLogger(TabletRole.class);
  private static final Duration TRANSACTION_GRACE = Duration.ofSeconds(3);

  private static final String REPLACED = "another tablet is the primary of the shard";

  private static final String NOT_READ =
      "what the topology denies to its new type is not read yet; RefreshState reads it again";

  private final Topo topo;
  private final TabletIdentity identity;
  private final ServingState serving;
  private final ShardState shard;
  private final QueryExecutor executor;
  private final StreamStore store;
  private final VReplicationEngine engine;
  private final Duration longestWait;
  private final InstantSource clock;
  private final Runnable owner;
  private final ReentrantLock oneAtATime = new ReentrantLock();
  private volatile Topodata.Tablet record;

  /** What the shard's record said when the term was to be ended; none while it is not to be. */
  private volatile Topodata.Shard ending = Topodata.Shard.getDefaultInstance();

  /**
   * @param owner returns when the alias is this process's, throws otherwise
   */
  TabletRole(
      Topo topo,
      TabletIdentity identity,
      ServingState serving,
      ShardState shard,
      QueryExecutor executor,
      StreamStore store,
      VReplicationEngine engine,
      Duration longestWait,
      InstantSource clock,
      Runnable owner) {
    this.topo = topo;
    this.identity = identity;
    this.serving = serving;
    this.shard = shard;
    this.executor = executor;
    this.store = store;
    this.engine = engine;
    this.longestWait = longestWait;
    this.clock = clock;
    this.owner = owner;
    this.record = Topodata.Tablet.getDefaultInstance();
  }

  /** Registers the tablet, starts its streams if it is primary, and lets it serve. */
  void begin(Topodata.Tablet first) {
    oneAtATime.lock();
    try {
      owner.run(); // who slept since it took the alias must not write over its successor's record
      topo.registerTablet(first);
      record = first;
      resume(first, reasonNotToServe(first.getType()));
    } finally {
      oneAtATime.unlock();
    }
  }

  @Override
  public Topodata.TabletType type() {
    return serving.role().type();
  }

  @Override
  public void refresh(Duration wait) throws InterruptedException {
    oneAtATime.lockInterruptibly();
    try {
      Duration patience = wait.compareTo(longestWait) < 0 ? wait : longestWait;
      shard.refresh(patience);
      if (!record.hasAlias()) { // not begun yet
        owner.run();
        return;
      }
      String reason = reasonNotToServe(type());
      if (reason.isEmpty()) {
        owner.run(); // whose place was taken begins nothing
        runStreams(type()); // they were left stopped if it was replaced for a while
        serving.serve();
      } else {
        drain(reason, patience);
        serving.refuse(reason);
      }
      // A process that slept speaks for the tablet only as long as none has taken its place; one
      // that takes it after this reads what the topology says now.
      owner.run();
    } finally {
      oneAtATime.unlock();
    }
  }

  @Override
  public void changeType(Topodata.TabletType type) throws InterruptedException {
    if (type == Topodata.TabletType.UNKNOWN || type == Topodata.TabletType.UNRECOGNIZED) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, "no such tablet type: " + type);
    }
    oneAtATime.lockInterruptibly();
    try {
      if (type == Topodata.TabletType.DRAINED && type() == type) {
        // Two callers must not both take it for theirs.
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION,
            "tablet " + identity.aliasText() + " is drained already");
      }
      Topodata.Tablet before = record;
      Topodata.Tablet after = withType(before, type);
      String reasonBefore = serving.reason();
      try (StreamStore.Hold _ = store.hold()) {
        drain("the tablet becomes " + type, longestWait);
        stopStreams();
        publish(after);
        serving.become(role(after), "the tablet becomes " + type);
      } catch (InterruptedException | RuntimeException e) {
        resume(before, replacedIn(ending) ? REPLACED : reasonBefore);
        throw e;
      }
      record = after;
      log.atInfo()
          .addKeyValue("tablet", identity.aliasText())
          .addKeyValue("from", before.getType())
          .addKeyValue("to", type)
          .log("tablet type changed");
      resume(after, NOT_READ);
      shard.refresh(longestWait);
      serving.become(role(after), reasonNotToServe(type));
    } finally {
      oneAtATime.unlock();
    }
  }

  /** Whether this is a primary in whose place a shard's record names another since a later time. */
  boolean replacedIn(Topodata.Shard shard) {
    Topodata.Tablet now = record;
    return now.getType() == Topodata.TabletType.PRIMARY
        && shard.hasPrimaryAlias()
        && !shard.getPrimaryAlias().equals(now.getAlias())
        && FirstRole.instant(shard.getPrimaryTermStartTime())
            .isAfter(FirstRole.instant(now.getPrimaryTermStartTime()));
  }

  /**
   * Becomes a replica when it is replaced. Where that fails it serves nothing all the same, and the
   * call is to be repeated.
   */
  void endTerm(Topodata.Shard shard) throws InterruptedException {
    oneAtATime.lockInterruptibly();
    try {
      ending = shard;
      if (replacedIn(shard)) {
        changeType(Topodata.TabletType.REPLICA);
      }
    } finally {
      oneAtATime.unlock();
    }
  }

  private Topodata.Tablet withType(Topodata.Tablet before, Topodata.TabletType type) {
    Topodata.Tablet.Builder after = before.toBuilder().setType(type).clearPrimaryTermStartTime();
    if (type == Topodata.TabletType.PRIMARY) {
      Instant now = clock.instant();
      after.setPrimaryTermStartTime(
          Vttime.Time.newBuilder().setSeconds(now.getEpochSecond()).setNanoseconds(now.getNano()));
    }
    return after.build();
  }

  private static ServingState.Role role(Topodata.Tablet tablet) {
    return new ServingState.Role(tablet.getType(), tablet.getPrimaryTermStartTime().getSeconds());
  }

  private void stopStreams() throws InterruptedException {
    engine.close();
    if (Thread.interrupted()) {
      throw new InterruptedException("while streams were stopped");
    }
  }

  /** Does what a tablet of a record's type does, and serves when there is no reason not to. */
  private void resume(Topodata.Tablet tablet, String reason) {
    runStreams(tablet.getType());
    serving.become(role(tablet), reason);
  }

  private void runStreams(Topodata.TabletType type) {
    if (replacedIn(ending) || serving.over()) {
      engine.close(); // another's streams may run beside
    } else if (type == Topodata.TabletType.PRIMARY) {
      engine.open();
      if (serving.over()) { // it ended between the look above and the opening
        engine.close();
      }
    }
  }

  /** Ends all that was let through; those that come meanwhile are refused. */
  private void drain(String why, Duration wait) throws InterruptedException {
    serving.drain(why);
    long deadline = System.nanoTime() + wait.toNanos();
    requireDrained(serving.awaitNoneAlone(wait.toNanos()), wait);
    executor.endTransactions(TRANSACTION_GRACE, why);
    serving.refuse(why);
    requireDrained(serving.awaitNone(Math.max(0, deadline - System.nanoTime())), wait);
  }

  private static void requireDrained(boolean drained, Duration wait) {
    if (!drained) {
      throw new RpcException(
          Status.Code.DEADLINE_EXCEEDED,
          "statements that were let through are still running after " + wait.toMillis() + " ms");
    }
  }

  /** When it isn't known whether the topology took the record, what stands there counts. */
  private void publish(Topodata.Tablet tablet) {
    owner.run();
    try {
      topo.registerTablet(tablet);
    } catch (TopoException e) {
      boolean written =
          topo.tablet(identity.alias())
              .map(Versioned::value)
              .filter(record ->
                  record.getType() == tablet.getType()
                      && record.getTagsMap().equals(tablet.getTagsMap())
                      && record.getPrimaryTermStartTime().equals(tablet.getPrimaryTermStartTime()))
              .isPresent();
      if (!written) {
        throw e;
      }
    }
  }

  /** Empty when a tablet of this type serves here, as Vitess decides it. */
  private String reasonNotToServe(Topodata.TabletType type) {
    if (replacedIn(ending)) {
      return REPLACED;
    }
    return switch (type) {
      case PRIMARY, REPLICA, RDONLY, EXPERIMENTAL, DRAINED ->
          disabled(type) ? "TabletControl.DisableQueryService set" : "";
      default -> "not a serving tablet type(" + type + ")";
    };
  }

  /** A switch of shards disables queries in what the cell serves of the keyspace. */
  private boolean disabled(Topodata.TabletType type) {
    return topo.srvKeyspace(identity.cell(), identity.keyspace()).stream()
        .anyMatch(served -> ServedShards.disabled(served.value(), type, identity.shard()));
  }

  @Override
  public Map<String, String> changeTags(Map<String, String> tags, boolean replace) {
    oneAtATime.lock();
    try {
      Map<String, String> changed = new TreeMap<>(replace ? Map.of() : record.getTagsMap());
      tags.forEach((name, value) -> {
        if (value.isEmpty()) {
          changed.remove(name);
        } else {
          changed.put(name, value);
        }
      });
      Topodata.Tablet after = record.toBuilder().clearTags().putAllTags(changed).build();
      publish(after);
      record = after;
      return changed;
    } finally {
      oneAtATime.unlock();
    }
  }
}

package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.writing.TargetChangedException;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out transactions of the target, several at a time, and commits them strictly in their
 * order. What only one of them changes is written at once; rows that an earlier one changes as
 * well, and statements whose order matters, wait for its commit, and so do position and COMMIT.
 *
 * <pre>
 *   1  BEGIN  own rows ───────────────▶ position 1 COMMIT
 *   2    BEGIN  own rows ─────▶ (waits)                  shared rows ▶ position 2 COMMIT
 *   3                                       BEGIN  own rows ────▶ (waits)               ▶ …
 * </pre>
 *
 * <p>A transaction that fails gives up, and those behind it with it: they may stand in its way,
 * with locks that the database can't know to be in a circle. Then each of them is carried out
 * alone, in order, and what fails there is the stream's error. After that the next ones go alone as
 * well: what got in each other's way is likely to do so again.
 *
 * <p>Belongs to one thread, but for {@link Lane lanes}, which each transaction has to itself.
 */
final class ApplyPipeline implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ApplyPipeline.class);
  private static final int FIRST_REST = 8;
  private static final int LONGEST_REST = 512;

  /** A session of the database for one transaction at a time. */
  interface Lane {
    /**
     * Runs statements.
     *
     * @param tables that are to be touched
     * @throws TargetChangedException when one of the tables is not what it was
     */
    void run(SqlBuffer statements, Set<TargetTable> tables);

    /** Gives up the transaction; throws when it can't be used any more. */
    void rollback();

    void close();

    /** Ends whatever it is doing; any thread may call it. */
    void kill();
  }

  /** Carries out one transaction while no other is under way. */
  @FunctionalInterface
  interface Alone {
    void carryOut(TargetTransaction transaction) throws InterruptedException;
  }

  private final Supplier<Lane> opener;
  private final Alone alone;
  private final Consumer<Position> committed;
  private final IntSupplier most;
  private final Runnable wake;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ConcurrentLinkedDeque<Lane> idle = new ConcurrentLinkedDeque<>();
  private final Set<Lane> open = new HashSet<>();
  private final ArrayDeque<UnderWay> underWay = new ArrayDeque<>();
  private boolean killed;
  private int rest;
  private int nextRest = FIRST_REST;
  private int goodSince;

  /**
   * A transaction that was handed to a lane.
   *
   * @param shared the rows that earlier ones change as well
   * @param end whether it committed
   */
  private record UnderWay(
      TargetTransaction transaction, Set<RowKey> shared, CompletableFuture<Boolean> end) {
    boolean committed() throws InterruptedException {
      try {
        return end.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * @param opener gives a new lane
   * @param alone carries out a transaction otherwise, as often as it takes
   * @param committed takes the position of what lanes committed, in order
   * @param most how many transactions may be under way, asked before each; one for no lanes at all
   * @param wake called when a transaction ended
   */
  ApplyPipeline(
      Supplier<Lane> opener,
      Alone alone,
      Consumer<Position> committed,
      IntSupplier most,
      Runnable wake) {
    this.opener = opener;
    this.alone = alone;
    this.committed = committed;
    this.most = most;
    this.wake = wake;
  }

  /** Whether nothing is under way; also takes note of what ended. */
  boolean isIdle() throws InterruptedException {
    while (!underWay.isEmpty() && underWay.getFirst().end().isDone()) {
      awaitFirst();
    }
    return underWay.isEmpty();
  }

  /** Whether {@link #add} would not wait. */
  boolean hasRoom() throws InterruptedException {
    return isIdle() || (rest == 0 && underWay.size() < most.getAsInt());
  }

  /**
   * Takes the next transaction; waits while too many are under way.
   *
   * @throws RuntimeException what this one or an earlier one failed with when it was alone
   */
  void add(TargetTransaction transaction) throws InterruptedException {
    int room = most.getAsInt();
    if (room < 2 || rest > 0 || transaction.changes().inSequence()) {
      rest = Math.max(0, rest - 1);
      carryOutAlone(transaction);
      return;
    }
    while (!isIdle() && underWay.size() >= room) {
      awaitFirst();
    }
    if (rest > 0) { // just now
      carryOutAlone(transaction);
      return;
    }
    List<Changes> before = underWay.stream().map(one -> one.transaction().changes()).toList();
    UnderWay current =
        new UnderWay(
            transaction, transaction.changes().sharedWith(before), new CompletableFuture<>());
    CompletableFuture<Boolean> predecessor =
        underWay.isEmpty() ? CompletableFuture.completedFuture(true) : underWay.getLast().end();
    underWay.add(current);
    executor.execute(() -> carryOut(current, predecessor));
  }

  /** Carries out a transaction on the stream's own connection when all before it have committed. */
  void carryOutAlone(TargetTransaction transaction) throws InterruptedException {
    drain();
    alone.carryOut(transaction);
  }

  /** Returns when all that it took is committed. */
  void drain() throws InterruptedException {
    while (!underWay.isEmpty()) {
      awaitFirst();
    }
  }

  private void awaitFirst() throws InterruptedException {
    if (!underWay.getFirst().committed()) {
      repeat();
      return;
    }
    underWay.removeFirst();
    if (++goodSince >= LONGEST_REST) {
      nextRest = FIRST_REST;
    }
  }

  /** Carries out alone what was given up, which is all that is under way. */
  private void repeat() throws InterruptedException {
    for (UnderWay each : underWay) {
      var _ = each.committed();
    }
    rest = nextRest;
    nextRest = Math.min(LONGEST_REST, 2 * nextRest);
    goodSince = 0;
    while (!underWay.isEmpty()) {
      alone.carryOut(underWay.getFirst().transaction());
      underWay.removeFirst();
    }
  }

  private void carryOut(UnderWay current, CompletableFuture<Boolean> predecessor) {
    boolean good = false;
    Lane lane = null;
    try {
      lane = lane();
      good = carryOut(lane, current, predecessor);
    } catch (RuntimeException e) {
      log.atInfo()
          .addKeyValue("reason", e.getMessage())
          .log("a transaction is carried out again, alone");
    } finally {
      giveBack(lane, good);
      current.end().complete(good);
      wake.run();
    }
  }

  private boolean carryOut(Lane lane, UnderWay current, CompletableFuture<Boolean> predecessor) {
    lane.run(
        current.transaction().free(current.shared()), current.transaction().changes().tables());
    if (!predecessor.join()) {
      return false;
    }
    lane.run(current.transaction().rest(current.shared()), Set.of());
    committed.accept(current.transaction().reached());
    return true;
  }

  private Lane lane() {
    Lane free = idle.pollLast();
    if (free != null) {
      return free;
    }
    Lane fresh = opener.get();
    boolean late;
    synchronized (open) {
      open.add(fresh);
      late = killed;
    }
    if (late) {
      fresh.kill();
    }
    return fresh;
  }

  private void giveBack(@Nullable Lane lane, boolean good) {
    if (lane == null) {
      return;
    }
    try {
      if (!good) {
        lane.rollback();
      }
      idle.add(lane);
    } catch (MysqlException e) {
      synchronized (open) {
        open.remove(lane);
      }
      lane.kill();
    }
  }

  /** Gives back the sessions that nothing uses. */
  void closeIdleLanes() {
    for (Lane lane = idle.poll(); lane != null; lane = idle.poll()) {
      synchronized (open) {
        open.remove(lane);
      }
      lane.close();
    }
  }

  /** Ends what is under way without regard to whether it commits. */
  void kill() {
    List<Lane> lanes;
    synchronized (open) {
      killed = true;
      lanes = List.copyOf(open);
    }
    lanes.forEach(Lane::kill);
  }

  /** Nothing is under way on return; what was has committed or was rolled back. */
  @Override
  public void close() {
    try {
      for (UnderWay each : underWay) {
        var _ = each.committed();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
    executor.close();
    closeIdleLanes();
  }
}

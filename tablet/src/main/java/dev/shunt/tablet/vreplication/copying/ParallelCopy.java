package dev.shunt.tablet.vreplication.copying;

import dev.shunt.tablet.vreplication.stream.CopyPart;
import dev.shunt.tabletclient.TabletClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies parts of tables from one snapshot, several at a time. Readers take one part after the
 * other, in the order of the tables; who is through with the last part of a table has it completed
 * aside, so that its keys are built while others are read.
 *
 * <pre>
 *   reader 1   a/1 ──────▶ a/3 ──────▶ b ──────────▶ d ─────▶
 *   reader 2   a/2 ────────▶ a/4 ─▶ c ────────▶
 *   aside                              keys of a ──▶
 * </pre>
 *
 * <p>The first failure ends all of it.
 */
final class ParallelCopy implements AutoCloseable {
  /**
   * How long statements may go on once the stream is to end. What they have not committed by then,
   * for instance as others lock a row, is given up and copied again.
   */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private static final Duration LOOK = Duration.ofMillis(100);

  private final List<TableCopy> tables;
  private final BooleanSupplier endRequested;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Phaser working = new Phaser(1);
  private final Deque<Work> left = new ArrayDeque<>();
  private final Map<TableCopy, Integer> unfinished = new HashMap<>();
  private @Nullable RuntimeException failure;

  private record Work(TableCopy table, CopyPart part) {}

  /** A task of a thread. */
  @FunctionalInterface
  private interface Task {
    void run() throws InterruptedException;
  }

  /**
   * @param tables in the order in which they are begun; closed with this
   * @param endRequested whether the stream is to end
   */
  ParallelCopy(List<TableCopy> tables, BooleanSupplier endRequested) {
    this.tables = List.copyOf(tables);
    this.endRequested = endRequested;
    for (TableCopy table : tables) {
      unfinished.put(table, table.parts().size());
      table.parts().forEach(part -> left.add(new Work(table, part)));
    }
  }

  /**
   * Copies all of it.
   *
   * @param readers how many parts are read at a time
   * @param cut whether to leave parts where they are; what is copied until then stays
   */
  void copy(TabletClient source, int readers, BooleanSupplier cut, TableCopy.SnapshotCheck check)
      throws InterruptedException {
    for (TableCopy table : tables) {
      if (table.parts().isEmpty()) { // all was copied, the end was not reached
        start(table::complete);
      }
    }
    for (int i = 0; i < Math.min(readers, left.size()); i++) {
      start(() -> read(source, cut, check));
    }
    awaitAll();
    synchronized (this) {
      if (failure != null) {
        throw failure;
      }
    }
  }

  private void awaitAll() throws InterruptedException {
    int phase = working.arrive();
    long looks = 0;
    while (true) {
      try {
        working.awaitAdvanceInterruptibly(phase, LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException _) {
        looks = endRequested.getAsBoolean() ? looks + 1 : 0;
        if (looks > GRACE.dividedBy(LOOK)) {
          throw new InterruptedException("the stream is to end");
        }
      }
    }
  }

  private void read(TabletClient source, BooleanSupplier cut, TableCopy.SnapshotCheck check)
      throws InterruptedException {
    for (Work work = next(); work != null; work = next()) {
      if (cut.getAsBoolean() || !work.table().copy(source, work.part(), cut, check)) {
        return;
      }
      if (finished(work.table())) {
        start(work.table()::complete);
      }
    }
  }

  private synchronized @Nullable Work next() {
    return failure == null ? left.poll() : null;
  }

  /** Whether this was the table's last part. */
  private synchronized boolean finished(TableCopy table) {
    return unfinished.merge(table, -1, Integer::sum) == 0;
  }

  private void start(Task task) {
    working.register();
    Runnable run =
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            fail(e);
          } catch (Error e) { // such as no memory: whoever waits must learn of it
            fail(new IllegalStateException("the copy failed: " + e, e));
          } catch (InterruptedException e) {
            fail(new IllegalStateException("the copy was given up", e));
          } finally {
            working.arriveAndDeregister();
          }
        };
    try {
      executor.execute(run);
    } catch (RejectedExecutionException _) {
      working.arriveAndDeregister(); // something failed meanwhile
    }
  }

  /** The first cause wins: what follows are its consequences. */
  private void fail(RuntimeException cause) {
    synchronized (this) {
      if (failure != null) {
        return;
      }
      failure = cause;
    }
    executor.shutdownNow();
  }

  /** On return nothing is under way. */
  @Override
  public void close() {
    executor.shutdownNow();
    tables.forEach(TableCopy::close);
    executor.close();
  }
}

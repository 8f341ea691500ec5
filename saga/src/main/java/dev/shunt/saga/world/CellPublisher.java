package dev.shunt.saga.world;

import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what the global records say into the serving VSchema of cells. A cell that can't be
 * reached holds nothing up: it is named, and follows in the background when it answers again. No
 * write can go astray there meanwhile, for the tablets of the side that does not serve deny it.
 */
final class CellPublisher {
  private static final Logger log = LoggerFactory.getLogger(CellPublisher.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration GIVEN_UP = Duration.ofDays(1);

  private final Topo topo;
  private final Duration limit;
  private final Set<String> behind = ConcurrentHashMap.newKeySet();

  /**
   * Publishes through this topology.
   *
   * @param limit how long a cell is waited for when there are several
   */
  CellPublisher(Topo topo, Duration limit) {
    this.topo = topo;
    this.limit = limit;
  }

  /**
   * Publishes to cells, or to all when none is given.
   *
   * @return which cells are left behind, as a sentence; empty when none is
   * @throws TopoException when no cell at all could be reached
   */
  String publish(Collection<String> cells) {
    Collection<String> all = cells.isEmpty() ? topo.cells() : cells;
    Map<String, RuntimeException> failures =
        inEach(all, cell -> topo.rebuildSrvVSchema(List.of(cell)));
    if (failures.isEmpty()) {
      return "";
    }
    if (failures.size() >= Set.copyOf(all).size()) {
      RuntimeException first = failures.values().iterator().next();
      failures.values().stream().filter(e -> e != first).forEach(first::addSuppressed);
      throw first;
    }
    failures.keySet().forEach(this::later);
    return "not yet in cell(s) %s, which follow as soon as they answer: %s"
        .formatted(
            String.join(", ", failures.keySet()), failures.values().iterator().next().getMessage());
  }

  /** Does something for each cell at once; what failed or took too long, by cell. */
  Map<String, RuntimeException> inEach(Collection<String> cells, Consumer<String> work) {
    Map<String, RuntimeException> failures = Collections.synchronizedMap(new TreeMap<>());
    if (cells.size() == 1) {
      String only = cells.iterator().next();
      attempt(only, work, failures);
      return failures;
    }
    CountDownLatch left = new CountDownLatch(cells.size());
    Set<String> open = ConcurrentHashMap.newKeySet();
    open.addAll(cells);
    for (String cell : cells) {
      Thread unused =
          Thread.ofVirtual()
              .name("publish-" + cell)
              .start(() -> {
                attempt(cell, work, failures);
                open.remove(cell);
                left.countDown();
              });
    }
    try {
      boolean unused = left.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TopoException(TopoException.Kind.UNAVAILABLE, "interrupted", e);
    }
    for (String cell : Set.copyOf(open)) {
      failures.putIfAbsent(
          cell,
          new TopoException(
              TopoException.Kind.UNAVAILABLE,
              "cell %s did not answer within %d ms".formatted(cell, limit.toMillis())));
    }
    return new TreeMap<>(failures);
  }

  private static void attempt(
      String cell, Consumer<String> work, Map<String, RuntimeException> failures) {
    try {
      work.accept(cell);
    } catch (RuntimeException e) {
      failures.put(cell, e);
    }
  }

  /** Publishes to a cell once it answers; it always brings the state of then. */
  private void later(String cell) {
    if (!behind.add(cell)) {
      return;
    }
    Thread unused =
        Thread.ofVirtual()
            .name("publish-later-" + cell)
            .start(() -> {
              try {
                untilPublished(cell);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                behind.remove(cell);
              }
            });
  }

  private void untilPublished(String cell) throws InterruptedException {
    long start = System.nanoTime();
    Duration pause = Duration.ofMillis(500);
    while (System.nanoTime() - start < GIVEN_UP.toNanos()) {
      Thread.sleep(pause);
      try {
        topo.rebuildSrvVSchema(List.of(cell));
        log.atInfo().addKeyValue("cell", cell).log("cell has the serving VSchema of now");
        return;
      } catch (TopoException e) {
        if (e.kind() == TopoException.Kind.NO_NODE) {
          return;
        }
        log.atWarn().addKeyValue("cell", cell).setCause(e).log("cell does not answer yet");
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
    }
    log.atError().addKeyValue("cell", cell).log("cell did not answer for a day, left behind");
  }
}

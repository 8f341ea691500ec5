package dev.shunt.cluster;

import dev.shunt.time.Time;
import dev.shunt.topo.Cells;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Cells cells;
  private final Time time;
  private final String what;
  private final Consumer<String> rebuild;
  private final Set<String> behind = ConcurrentHashMap.newKeySet();

  /**
   * Publishes through this topology.
   *
   * @param what what is published, for the log
   * @param rebuild makes what a cell has of it anew from the global records of then
   */
  CellPublisher(Topo topo, Cells cells, Time time, String what, Consumer<String> rebuild) {
    this.topo = topo;
    this.cells = cells;
    this.time = time;
    this.what = what;
    this.rebuild = rebuild;
  }

  /**
   * Publishes to cells, or to all when none is given.
   *
   * @return which cells are left behind, as a sentence; empty when none is
   * @throws TopoException when no cell at all could be reached
   */
  String publish(Collection<String> to) {
    SortedMap<String, RuntimeException> silent =
        cells.ask(to.isEmpty() ? topo.cells() : to, this::rebuild).requireAny().silent();
    if (silent.isEmpty()) {
      return "";
    }
    silent.keySet().forEach(this::later);
    return "not yet in cell(s) %s, which follow as soon as they answer: %s"
        .formatted(
            String.join(", ", silent.keySet()), silent.values().iterator().next().getMessage());
  }

  private boolean rebuild(String cell) {
    rebuild.accept(cell);
    return true;
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
    long start = time.nanoTime();
    Duration pause = Duration.ofMillis(500);
    while (time.nanoTime() - start < GIVEN_UP.toNanos()) {
      time.sleep(pause);
      try {
        var unused = rebuild(cell);
        log.atInfo()
            .addKeyValue("cell", cell)
            .addKeyValue("what", what)
            .log("cell has what is published of now");
        return;
      } catch (TopoException e) {
        if (e.kind() == TopoException.Kind.NO_NODE) {
          return;
        }
        log.atDebug().addKeyValue("cell", cell).setCause(e).log("cell does not answer yet");
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
    }
    log.atError().addKeyValue("cell", cell).log("cell did not answer for a day, left behind");
  }
}

package dev.shunt.router;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoEvent;
import dev.shunt.topo.TopoException;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Watches the tablets of all cells, also of those that are added later or that move. A cell that
 * can't be reached is reported as soon as it answers.
 */
final class TabletWatches implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TabletWatches.class);

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Topo topo;
  private final Consumer<TopoEvent> listener;
  private final Consumer<String> gone;
  private final Map<String, CellWatch> cells = new HashMap<>();
  private final AutoCloseable watch;
  private boolean closed;

  /** The watch of one cell, which passes nothing on any more once it was closed. */
  private final class CellWatch {
    private final Topodata.CellInfo info;
    private @Nullable AutoCloseable watch;
    private boolean over;
    private boolean reported;

    CellWatch(Topodata.CellInfo info) {
      this.info = info;
    }

    synchronized void pass(TopoEvent event) {
      if (!over) {
        listener.accept(event);
      }
    }

    void close() {
      synchronized (this) {
        over = true;
      }
      TabletWatches.close(watch);
    }
  }

  /**
   * Begins to watch.
   *
   * @param listener gets each tablet's record
   * @param gone gets the name of a cell of whose tablets nothing is known any more
   */
  TabletWatches(Topo topo, Consumer<TopoEvent> listener, Consumer<String> gone) {
    this.topo = topo;
    this.listener = listener;
    this.gone = gone;
    this.watch = topo.watch(Topo.GLOBAL_CELL, "cells", this::onCell);
  }

  private synchronized void onCell(TopoEvent event) {
    String[] parts = event.path().split("/", -1);
    if (closed || parts.length != 3 || !parts[2].equals("CellInfo")) {
      return;
    }
    String cell = parts[1];
    Topodata.CellInfo info;
    try {
      info = event.value() == null ? null : Topodata.CellInfo.parseFrom(event.value());
    } catch (InvalidProtocolBufferException e) {
      log.atError().addKeyValue("path", event.path()).setCause(e).log("unreadable topology record");
      return;
    }
    CellWatch present = cells.get(cell);
    if (present != null && present.info.equals(info)) {
      return;
    }
    if (present != null) {
      present.close();
      cells.remove(cell);
      gone.accept(cell);
    }
    if (info != null) {
      watch(cell, info);
    }
  }

  private void watch(String cell, Topodata.CellInfo info) {
    CellWatch fresh = new CellWatch(info);
    cells.put(cell, fresh);
    if (!opened(cell, fresh)) {
      Thread unused =
          Thread.ofVirtual().name("watch-cell-" + cell).start(() -> openLater(cell, fresh));
    }
  }

  /** Other cells must not wait for one whose watch can't even begin. */
  private void openLater(String cell, CellWatch fresh) {
    try {
      boolean done = false;
      while (!done) {
        Thread.sleep(PAUSE);
        synchronized (this) {
          done = closed || cells.get(cell) != fresh || opened(cell, fresh);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean opened(String cell, CellWatch fresh) {
    try {
      fresh.watch = topo.watch(cell, "tablets", fresh::pass);
      return true;
    } catch (RuntimeException e) {
      boolean away = e instanceof TopoException || fresh.reported;
      fresh.reported = true;
      log.atLevel(away ? Level.DEBUG : Level.WARN)
          .addKeyValue("cell", cell)
          .setCause(e)
          .log("can't watch the tablets of a cell");
      return false;
    }
  }

  private static void close(@Nullable AutoCloseable watch) {
    try {
      if (watch != null) {
        watch.close();
      }
    } catch (Exception e) {
      log.atWarn().setCause(e).log("closing a watch");
    }
  }

  @Override
  public void close() {
    close(watch); // first, for its thread may wait for a topology that is away
    synchronized (this) {
      closed = true;
      cells.values().forEach(CellWatch::close);
      cells.clear();
    }
  }
}

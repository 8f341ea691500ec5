package dev.shunt.topo;

import dev.shunt.time.Time;
import io.vitess.proto.Topodata;
import java.util.Optional;

/** The stores of all cells. */
interface TopoStores extends AutoCloseable {
  /** By which what is in them waits, and knows when it was. */
  Time time();

  /** Store of the global records. */
  TopoStore global();

  /** Store of a cell, {@code global} included; empty when there is no such cell. */
  Optional<TopoStore> find(String cell);

  /** Store of a cell, {@code global} included; NO_NODE when there is no such cell. */
  default TopoStore cell(String cell) {
    return find(cell)
        .orElseThrow(() ->
            new TopoException(TopoException.Kind.NO_NODE, "cell " + cell + " does not exist"));
  }

  /**
   * Checks what is said of a cell before it is stored.
   *
   * @throws TopoException INVALID when it leads to no server that answers
   */
  default void require(String cell, Topodata.CellInfo info) {}

  @Override
  void close();
}

package dev.shunt.tablet.vreplication.stream;

import binlogdata.Binlogdata;
import dev.shunt.schemas.StreamState;
import java.util.List;

/**
 * A row of {@code _vt.vreplication} as its controller needs it.
 *
 * @param id id of the stream on this tablet
 * @param workflow its workflow
 * @param type kind of the workflow; UNRECOGNIZED for one that is not known
 * @param source what it streams
 * @param position source position up to which the target is consistent, with its flavour; empty
 *     before the copy has begun
 * @param stopPosition where it is to stop; empty for nowhere
 * @param state its state; one that is not known is tried like one that runs
 * @param cells cells to stream from; empty means the tablet's own
 * @param tabletTypes types to stream from, as stored
 * @param rowsCopied rows copied so far
 * @param deferSecondaryKeys whether secondary keys may be added after the copy
 */
public record StreamRow(
    int id,
    String workflow,
    Binlogdata.VReplicationWorkflowType type,
    Binlogdata.BinlogSource source,
    String position,
    String stopPosition,
    StreamState state,
    List<String> cells,
    String tabletTypes,
    long rowsCopied,
    boolean deferSecondaryKeys) {
  public StreamRow {
    cells = List.copyOf(cells);
  }

  /** Whether the engine has something to do for it. */
  public boolean runs() {
    return !state.halted();
  }
}

package dev.shunt.tablet.vreplication.copying;

import dev.shunt.tabletclient.RowPacket;

/**
 * Writes the rows of a part of a table as they are copied. Rows are committed together with the key
 * of the last of them, so that a copy that was cut off goes on behind it.
 */
interface CopyWriter {
  /** Takes a packet of rows; it may be committed later. */
  void write(RowPacket packet) throws InterruptedException;

  /**
   * Returns when all rows are committed.
   *
   * @return mark of the last note
   */
  long finish() throws InterruptedException;
}

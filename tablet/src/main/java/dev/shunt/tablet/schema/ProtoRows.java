package dev.shunt.tablet.schema;

import io.vitess.proto.Query;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Rows out of the packed form they travel in, as cells (null for NULL). */
public final class ProtoRows {
  private ProtoRows() {}

  /** Unpacks a row into cells. */
  public static byte[] @Nullable [] unpack(Query.Row row) {
    byte[] @Nullable [] cells = new byte[row.getLengthsCount()] @Nullable [];
    byte[] values = row.getValues().toByteArray();
    int at = 0;
    for (int i = 0; i < cells.length; i++) {
      int length = (int) row.getLengths(i);
      if (length >= 0) {
        cells[i] = Arrays.copyOfRange(values, at, at + length);
        at += length;
      }
    }
    return cells;
  }
}

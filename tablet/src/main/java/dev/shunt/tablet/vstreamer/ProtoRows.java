package dev.shunt.tablet.vstreamer;

import com.google.protobuf.UnsafeByteOperations;
import io.vitess.proto.Query;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Rows between cells (null for NULL) and the packed form they travel in. */
public final class ProtoRows {
  private ProtoRows() {}

  /** Packs cells. */
  public static Query.Row pack(byte @Nullable [][] cells) {
    Query.Row.Builder row = Query.Row.newBuilder();
    int size = 0;
    for (byte @Nullable [] cell : cells) {
      size += cell == null ? 0 : cell.length;
    }
    byte[] values = new byte[size];
    int at = 0;
    for (byte @Nullable [] cell : cells) {
      if (cell == null) {
        row.addLengths(-1);
      } else {
        row.addLengths(cell.length);
        System.arraycopy(cell, 0, values, at, cell.length);
        at += cell.length;
      }
    }
    return row.setValues(UnsafeByteOperations.unsafeWrap(values)).build();
  }

  /** Unpacks a row into cells. */
  public static byte @Nullable [][] unpack(Query.Row row) {
    byte @Nullable [][] cells = new byte @Nullable [row.getLengthsCount()][];
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

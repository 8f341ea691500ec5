package dev.shunt.vdiff.comparing;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;

/** A row's values, exact bytes, in the order of the target's columns. */
@SuppressWarnings("ArrayRecordComponent")
record ComparedRow(List<ByteString> values, boolean[] nulls) {
  ComparedRow {
    values = List.copyOf(values);
  }

  boolean isNull(int column) {
    return nulls[column];
  }

  /** Bytes that the row takes up. */
  long size() {
    long size = 64;
    for (ByteString value : values) {
      size += 48L + value.size();
    }
    return size;
  }

  /** Whether the row has the same values, NULL and empty told apart. */
  boolean sameAs(ComparedRow other) {
    return Arrays.equals(nulls, other.nulls) && values.equals(other.values);
  }
}

package dev.shunt.tablet.vstreamer;

import io.vitess.proto.Query;
import java.math.BigInteger;
import java.util.List;

/** Where a table is cut into parts. */
sealed interface Cuts {
  /** It stays in one piece. */
  Cuts NONE = new Numbers(List.of());

  /**
   * By the key's first column, an integer.
   *
   * @param starts values with which the second part and each further one begins, ascending
   */
  record Numbers(List<BigInteger> starts) implements Cuts {
    public Numbers {
      starts = List.copyOf(starts);
    }
  }

  /**
   * By keys of rows.
   *
   * @param ends the last key of each part but the last one, in the order of the server
   */
  record Keys(List<Query.Row> ends) implements Cuts {
    public Keys {
      ends = List.copyOf(ends);
    }
  }
}

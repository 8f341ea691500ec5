package dev.shunt.router;

import io.vitess.proto.Topodata;
import java.util.List;

/** Where a statement goes at one moment. */
sealed interface Route {
  /** To these primaries, one a shard. */
  record To(String keyspace, List<Topodata.Tablet> primaries) implements Route {
    public To {
      primaries = List.copyOf(primaries);
    }
  }

  /** Nowhere for now: a table of it is being switched, or a primary is not known yet. */
  record Held(String reason) implements Route {}
}

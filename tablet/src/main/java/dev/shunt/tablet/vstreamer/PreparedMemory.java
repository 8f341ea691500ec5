package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata;
import dev.shunt.mysql.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was found out about prepared transactions where streams began: a stream that begins again,
 * there or further on, need not read the log up to there once more. Safe for several threads.
 */
final class PreparedMemory {
  private static final int MOST = 32;

  private final Map<Place, Map<String, Boolean>> found =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Map<String, Boolean>> eldest) {
          return size() > MOST;
        }
      };

  /** A place in a server's log, as streams of a filter see it. */
  private record Place(String server, Binlogdata.Filter filter, Position position) {}

  /**
   * What is known of a place.
   *
   * @param prepared ids of the transactions that were prepared and not ended there, and whether
   *     each touched tables of the stream
   */
  record Known(Position position, Map<String, Boolean> prepared) {}

  /** The furthest place that is known and lies before a position, or is it. */
  synchronized Optional<Known> before(String server, Binlogdata.Filter filter, Position position) {
    Place best = null;
    for (Place place : found.keySet()) {
      if (place.server().equals(server)
          && place.filter().equals(filter)
          && position.atLeast(place.position())
          && (best == null || place.position().atLeast(best.position()))) {
        best = place;
      }
    }
    return best == null
        ? Optional.empty()
        : Optional.of(new Known(best.position(), Map.copyOf(found.get(best))));
  }

  synchronized void keep(String server, Binlogdata.Filter filter, Known known) {
    found.put(new Place(server, filter, known.position()), Map.copyOf(known.prepared()));
  }
}

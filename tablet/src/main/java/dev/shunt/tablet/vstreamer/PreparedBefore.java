package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import io.grpc.Status;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions that were prepared, and neither committed nor rolled back, where a stream
 * begins. Their rows stand in the log before that, which is read when the first of them is asked
 * for: from its beginning, or from where streams of the same filter began before.
 */
final class PreparedBefore {
  private static final Logger log = LoggerFactory.getLogger(PreparedBefore.class);

  /** The server can't send the log from there on (ER_MASTER_FATAL_ERROR_READING_BINLOG). */
  private static final int DOES_NOT_REACH_BACK = 1236;

  private final SearchedLog searched;
  private final Binlogdata.Filter filter;
  private final PreparedSearch.Tables tables;
  private final Position start;
  private final PreparedMemory memory;
  private @Nullable Map<String, Boolean> known;

  /** Called now and then while the log is read. */
  @FunctionalInterface
  interface Alive {
    void signal() throws InterruptedException;
  }

  /**
   * @param searched the log of the stream's server
   * @param filter of the stream
   * @param tables of the stream
   * @param start where the stream begins
   * @param memory of the streams from this server
   */
  PreparedBefore(
      SearchedLog searched,
      Binlogdata.Filter filter,
      PreparedSearch.Tables tables,
      Position start,
      PreparedMemory memory) {
    this.searched = searched;
    this.filter = filter;
    this.tables = tables;
    this.start = start;
    this.memory = memory;
  }

  /** What a search of the log came to. */
  private sealed interface Outcome {
    /** All that is asked for. */
    record Found(Map<String, Boolean> prepared) implements Outcome {}

    /** The log does not reach back to where the search was to begin. */
    record NotThere() implements Outcome {}

    /** Nothing came any more before the place that was searched for. */
    record BrokenOff() implements Outcome {}
  }

  /**
   * Whether a transaction changed tables of the stream, or may have, as the log does not reach back
   * to where it was prepared.
   *
   * @param id as the log's XA COMMIT has it
   * @throws RpcException UNAVAILABLE when it could not be found out; a later try may succeed
   */
  boolean mayTouchStream(String id, Alive alive) throws InterruptedException {
    Map<String, Boolean> found = known;
    if (found == null) {
      found = read(alive);
      known = found;
    }
    return found.getOrDefault(id, true);
  }

  private Map<String, Boolean> read(Alive alive) throws InterruptedException {
    SearchedLog.Beginning beginning = searched.beginning();
    Optional<PreparedMemory.Known> earlier = memory.before(beginning.server(), filter, start);
    if (earlier.isPresent()) {
      if (earlier.get().position().equals(start)) {
        return earlier.get().prepared();
      }
      if (search(earlier.get(), alive) instanceof Outcome.Found found) {
        return kept(beginning, found);
      }
    }
    return switch (search(new PreparedMemory.Known(beginning.position(), Map.of()), alive)) {
      case Outcome.Found found -> kept(beginning, found);
      case Outcome.NotThere _ -> Map.of();
      case Outcome.BrokenOff _ ->
          throw new RpcException(
              Status.Code.UNAVAILABLE,
              "the log was searched for transactions that were prepared before this stream's"
                  + " beginning, and nothing came any more before "
                  + start.encoded()
                  + "; it is to be searched again");
    };
  }

  private Map<String, Boolean> kept(SearchedLog.Beginning beginning, Outcome.Found found) {
    memory.keep(beginning.server(), filter, new PreparedMemory.Known(start, found.prepared()));
    return found.prepared();
  }

  private Outcome search(PreparedMemory.Known from, Alive alive) throws InterruptedException {
    PreparedSearch search = new PreparedSearch(tables, start, from);
    try (SearchedLog.Events reading = searched.from(from.position())) {
      while (!search.ended()) {
        alive.signal();
        Iterator<BinlogEvent> events = reading.next();
        while (!search.ended() && events.hasNext()) {
          search.take(events.next());
        }
      }
    } catch (MysqlException e) {
      if (e.errno() != DOES_NOT_REACH_BACK) {
        throw e; // a later try may succeed
      }
      log.atWarn().setCause(e).log("the log can't be searched for prepared transactions");
      return new Outcome.NotThere();
    }
    return search.found().<Outcome>map(Outcome.Found::new).orElseGet(Outcome.BrokenOff::new);
  }
}

package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.Position;
import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Finds out from a log which transactions were prepared, and not ended, at a place in it. */
final class PreparedSearch {
  /** Heartbeats in a row after which no event is expected any more. */
  private static final int SILENCES = 3;

  private final Tables tables;
  private final Position place;
  private final Map<String, Boolean> prepared;
  private Position position;
  private boolean touches;
  private boolean ended;
  private int silences;

  /** Which tables the search is about. */
  @FunctionalInterface
  interface Tables {
    boolean contain(String database, String table);

    /** Those of a stream. */
    static Tables of(String database, NameRule names, StreamRules rules) {
      return (other, table) -> names.same(other, database) && rules.matches(table);
    }
  }

  /**
   * @param place up to which the log is searched
   * @param from where it is read from
   */
  PreparedSearch(Tables tables, Position place, PreparedMemory.Known from) {
    this.tables = tables;
    this.place = place;
    this.position = from.position();
    this.prepared = new HashMap<>(from.prepared());
  }

  void take(BinlogEvent event) {
    if (!(event instanceof BinlogEvent.Heartbeat)) {
      silences = 0;
    }
    switch (event) {
      case BinlogEvent.Gtid gtid -> {
        ended = reached();
        position = ended ? position : position.with(gtid.gtid());
        touches = false;
      }
      case BinlogEvent.TableMap map ->
          touches |= tables.contain(map.table().database(), map.table().name());
      case BinlogEvent.Prepared transaction -> prepared.put(transaction.id(), touches);
      case BinlogEvent.Statement statement -> take(statement.sql());
      // The end of the log; but a MySQL also sends one behind transactions that it leaves out, and
      // while it looks for the first one that it does not.
      case BinlogEvent.Heartbeat _ -> ended = reached() || ++silences >= SILENCES;
      case BinlogEvent.Commit _,
          BinlogEvent.Rows _,
          BinlogEvent.Format _,
          BinlogEvent.Ignored _ -> {}
    }
  }

  /** What is logged as a statement may change any table. */
  private void take(String sql) {
    Optional<String> endedId = Statements.endedTransaction(sql);
    endedId.ifPresent(prepared::remove);
    touches |= endedId.isEmpty() && !Statements.isBracket(sql);
  }

  /** Whether nothing is to be read any more. */
  boolean ended() {
    return ended;
  }

  /**
   * The transactions that were prepared at the place, and whether each touched the tables; empty
   * when what was read does not go up to there, so that it says nothing.
   */
  Optional<Map<String, Boolean>> found() {
    return ended && reached() ? Optional.of(Map.copyOf(prepared)) : Optional.empty();
  }

  private boolean reached() {
    return position.atLeast(place);
  }
}

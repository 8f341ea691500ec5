package dev.shunt.tablet.vstreamer;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.tablet.preflight.Scope;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions that were prepared, and neither committed nor rolled back, where a stream
 * begins. Their rows stand in the log before that, which is read from its beginning when the first
 * of them is asked for.
 */
final class PreparedBefore {
  private static final Logger log = LoggerFactory.getLogger(PreparedBefore.class);

  /** The server can't send the log from there on (ER_MASTER_FATAL_ERROR_READING_BINLOG). */
  private static final int DOES_NOT_REACH_BACK = 1236;

  private final TabletIdentity identity;
  private final MysqlEndpoint endpoint;
  private final StreamRules rules;
  private final NameRule names;
  private final Position start;
  private @Nullable Map<String, Boolean> known;

  /** Called now and then while the log is read. */
  @FunctionalInterface
  interface Alive {
    void tell() throws InterruptedException;
  }

  /**
   * @param names how the server compares names of databases
   * @param start where the stream begins
   */
  PreparedBefore(
      TabletIdentity identity,
      MysqlEndpoint endpoint,
      StreamRules rules,
      NameRule names,
      Position start) {
    this.identity = identity;
    this.endpoint = endpoint;
    this.rules = rules;
    this.names = names;
    this.start = start;
  }

  /**
   * Whether a transaction changed tables of the stream, or may have, as the log does not reach back
   * to where it was prepared.
   *
   * @param id as the log's XA COMMIT has it
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
    Position first;
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      first = beginning(connection);
    }
    Map<String, Boolean> prepared = new HashMap<>();
    try (BinlogConnection binlog =
        BinlogConnection.open(
            endpoint,
            Scope.matching(identity.database(), identity.sidecar(), rules::matches),
            first.text(),
            BinlogStream.HEARTBEAT)) {
      Reading reading = new Reading(first, prepared);
      while (!reading.ended) {
        alive.tell();
        Iterator<BinlogEvent> events = binlog.next();
        while (!reading.ended && events.hasNext()) {
          reading.take(events.next());
        }
      }
      return prepared;
    } catch (MysqlException e) {
      if (e.errno() != DOES_NOT_REACH_BACK) {
        throw e; // a later try may succeed
      }
      log.atWarn().setCause(e).log("the log can't be searched for prepared transactions");
      return Map.of();
    }
  }

  /** What the server had done when the log begins that it still has. */
  private static Position beginning(MysqlConnection connection) {
    if (connection.flavor() == Flavor.MYSQL) {
      return Position.parse(
          Flavor.MYSQL, connection.execute("SELECT @@GLOBAL.gtid_purged").only().text(0));
    }
    String file = connection.execute("SHOW BINARY LOGS").rows().getFirst().text(0);
    String text =
        connection
            .execute("SELECT BINLOG_GTID_POS(" + SqlText.literal(file) + ", 4)")
            .only()
            .textOrNull(0);
    return Position.parse(Flavor.MARIADB, text == null ? "" : text);
  }

  private final class Reading {
    private final Map<String, Boolean> prepared;
    private Position position;
    private boolean touches;
    private boolean ended;

    Reading(Position first, Map<String, Boolean> prepared) {
      this.position = first;
      this.prepared = prepared;
    }

    void take(BinlogEvent event) {
      switch (event) {
        case BinlogEvent.Gtid gtid -> {
          ended = position.atLeast(start);
          position = position.with(gtid.gtid());
          touches = false;
        }
        case BinlogEvent.TableMap map ->
            touches |=
                names.same(map.table().database(), identity.database())
                    && rules.matches(map.table().name());
        case BinlogEvent.Prepared transaction -> prepared.put(transaction.id(), touches);
        case BinlogEvent.Statement statement -> take(statement.sql());
        case BinlogEvent.Heartbeat _ -> ended = true; // the end of the log
        case BinlogEvent.Commit _, BinlogEvent.Rows _, BinlogEvent.Ignored _ -> {}
      }
    }

    /** What is logged as a statement may change any table. */
    private void take(String sql) {
      Optional<String> endedId = Statements.endedTransaction(sql);
      endedId.ifPresent(prepared::remove);
      touches |= endedId.isEmpty() && !Statements.isBracket(sql);
    }
  }
}

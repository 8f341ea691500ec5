package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata;
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
 * begins. Their rows stand in the log before that, which is read when the first of them is asked
 * for: from its beginning, or from where streams of the same filter began before.
 */
final class PreparedBefore {
  private static final Logger log = LoggerFactory.getLogger(PreparedBefore.class);

  /** The server can't send the log from there on (ER_MASTER_FATAL_ERROR_READING_BINLOG). */
  private static final int DOES_NOT_REACH_BACK = 1236;

  /** Heartbeats in a row after which no event is expected any more. */
  private static final int SILENCES = 3;

  private final TabletIdentity identity;
  private final MysqlEndpoint endpoint;
  private final Binlogdata.Filter filter;
  private final StreamRules rules;
  private final NameRule names;
  private final Position start;
  private final PreparedMemory memory;
  private @Nullable Map<String, Boolean> known;

  /** Called now and then while the log is read. */
  @FunctionalInterface
  interface Alive {
    void tell() throws InterruptedException;
  }

  /**
   * @param rules what the filter says
   * @param names how the server compares names of databases
   * @param start where the stream begins
   * @param memory of the streams from this server
   */
  PreparedBefore(
      TabletIdentity identity,
      MysqlEndpoint endpoint,
      Binlogdata.Filter filter,
      StreamRules rules,
      NameRule names,
      Position start,
      PreparedMemory memory) {
    this.filter = filter;
    this.memory = memory;
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
    String server;
    Position beginning;
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      server = connection.execute(name(connection.flavor())).only().text(0);
      beginning = beginning(connection);
    }
    Optional<PreparedMemory.Known> earlier = memory.before(server, filter, start);
    if (earlier.isPresent() && earlier.get().position().equals(start)) {
      return earlier.get().prepared();
    }
    Optional<PreparedMemory.Known> found =
        earlier.isPresent() ? read(earlier.get(), alive) : Optional.empty();
    if (found.isEmpty()) { // or the log does not reach back to there any more
      found = read(new PreparedMemory.Known(beginning, Map.of()), alive);
    }
    if (found.isPresent() && found.get().position().atLeast(start)) {
      memory.keep(server, filter, new PreparedMemory.Known(start, found.get().prepared()));
    }
    return found.map(PreparedMemory.Known::prepared).orElse(Map.of());
  }

  /** Asks for what tells servers apart, if another one answers at the address. */
  private static String name(Flavor flavor) {
    return flavor == Flavor.MYSQL
        ? "SELECT @@GLOBAL.server_uuid"
        : "SELECT CONCAT_WS(' ', @@hostname, @@port, @@GLOBAL.server_id, @@datadir)";
  }

  /** Empty when the log does not reach back to where it is to begin. */
  private Optional<PreparedMemory.Known> read(PreparedMemory.Known from, Alive alive)
      throws InterruptedException {
    Map<String, Boolean> prepared = new HashMap<>(from.prepared());
    try (BinlogConnection binlog =
        BinlogConnection.open(
            endpoint,
            Scope.matching(identity.database(), identity.sidecar(), rules::matches),
            from.position().text(),
            BinlogStream.HEARTBEAT)) {
      Reading reading = new Reading(from.position(), prepared);
      while (!reading.ended) {
        alive.tell();
        Iterator<BinlogEvent> events = binlog.next();
        while (!reading.ended && events.hasNext()) {
          reading.take(events.next());
        }
      }
      return Optional.of(new PreparedMemory.Known(reading.position, prepared));
    } catch (MysqlException e) {
      if (e.errno() != DOES_NOT_REACH_BACK) {
        throw e; // a later try may succeed
      }
      log.atWarn().setCause(e).log("the log can't be searched for prepared transactions");
      return Optional.empty();
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
    private int silences;

    Reading(Position first, Map<String, Boolean> prepared) {
      this.position = first;
      this.prepared = prepared;
    }

    void take(BinlogEvent event) {
      if (!(event instanceof BinlogEvent.Heartbeat)) {
        silences = 0;
      }
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
        // The end of the log; but a MySQL also sends one behind transactions that it leaves out.
        case BinlogEvent.Heartbeat _ -> ended = position.atLeast(start) || ++silences >= SILENCES;
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

package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.service.Durations;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tablet.vreplication.stream.StreamTable;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.workflow.sql.SqlParser;
import dev.shunt.workflow.streams.Rules;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Tables that the patterns of a stream choose, and that are not copied. A position alone does not
 * say that the target has all up to there while it has such tables, which may have come to it a
 * moment ago.
 */
final class LateTables {
  private static final long LOOK_AGAIN_MILLIS = 100;

  private final TabletIdentity tablet;
  private final MysqlEndpoint database;
  private final StreamTable table;
  private final SqlParser parser;

  /** Streams whose rules have patterns; of others nobody looks. */
  private final Set<Integer> byPattern = ConcurrentHashMap.newKeySet();

  LateTables(TabletIdentity tablet, MysqlEndpoint database, StreamTable table, SqlParser parser) {
    this.tablet = tablet;
    this.database = database.withDatabase(tablet.database());
    this.table = table;
    this.parser = parser;
  }

  /** Takes note of the rules of a stream. */
  void put(StreamRow row) {
    if (Rules.havePatterns(row.source().getFilter())) {
      byPattern.add(row.id());
    } else {
      byPattern.remove(row.id());
    }
  }

  /** Forgets a stream. */
  void remove(int id) {
    byPattern.remove(id);
  }

  /**
   * Waits until a stream that has reached a position has all of its tables.
   *
   * @param wake makes the stream look around
   * @throws RpcException DEADLINE_EXCEEDED when it has not in time, FAILED_PRECONDITION when it
   *     does not run
   */
  void awaitNone(int id, Duration limit, Runnable wake) throws InterruptedException {
    if (!byPattern.contains(id)) {
      return;
    }
    long end = System.nanoTime() + limit.toNanos();
    try (MysqlConnection connection = MysqlConnection.open(database)) {
      while (true) {
        Optional<StreamRow> row = table.read(connection, id);
        Set<String> late = row.map(found -> late(connection, found)).orElse(Set.of());
        if (row.isEmpty() || late.isEmpty()) {
          return;
        }
        String names = "table(s) " + String.join(", ", late);
        if (!row.get().runs()) {
          throw new RpcException(
              Status.Code.FAILED_PRECONDITION,
              "stream %d has not copied %s of the target, and does not run: start the workflow"
                  .formatted(id, names));
        }
        if (System.nanoTime() - end > 0) {
          throw new RpcException(
              Status.Code.DEADLINE_EXCEEDED,
              "stream %d did not copy %s within %s".formatted(id, names, Durations.text(limit)));
        }
        wake.run();
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      }
    }
  }

  private Set<String> late(MysqlConnection connection, StreamRow row) {
    TargetTables tables = new TargetTables(connection, tablet.database());
    StreamFilter filter = new StreamFilter(row.source().getFilter(), parser, tables::names);
    Set<String> late =
        new TreeSet<>(table.chosen().lackingOf(connection, row.id(), filter.targets()));
    late.addAll(table.copies().unfinished(connection, row.id()));
    return late;
  }
}

package dev.shunt.tablet.vstreamer;

import static java.nio.charset.StandardCharsets.UTF_8;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VEvent;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Positions;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.schema.ProtoRows;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import vschema.Vschema;

/** Follows a database on a thread of its own and keeps what comes. */
final class StreamProbe implements AutoCloseable {
  /** The log of a server is searched from its beginning, and other tests have written it too. */
  private static final Duration LONG = Duration.ofMinutes(2);

  private final DatabaseVStreamer streamer;
  private final BlockingQueue<VEvent> events = new LinkedBlockingQueue<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  StreamProbe(TestDatabase database) {
    this(database, Vschema.SrvVSchema.getDefaultInstance());
  }

  StreamProbe(TestDatabase database, Vschema.SrvVSchema vschemas) {
    this(database, () -> vschemas);
  }

  StreamProbe(TestDatabase database, Supplier<Vschema.SrvVSchema> vschemas) {
    this.streamer = streamer(database, vschemas);
  }

  static DatabaseVStreamer streamer(TestDatabase database, Vschema.SrvVSchema vschemas) {
    return streamer(database, () -> vschemas);
  }

  private static DatabaseVStreamer streamer(
      TestDatabase database, Supplier<Vschema.SrvVSchema> vschemas) {
    return new DatabaseVStreamer(
        identity(database), database.endpoint(), vschemas, Clock.systemUTC(), Throttler.off());
  }

  static TabletIdentity identity(TestDatabase database) {
    Topodata.TabletAlias alias =
        Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(100).build();
    return new TabletIdentity(alias, "commerce", "0", database.name(), database.name() + "_vt");
  }

  static Position position(TestDatabase database) {
    try (MysqlConnection connection = database.connect()) {
      return Positions.current(connection);
    }
  }

  static Binlogdata.Filter filter(String table, String query) {
    return Binlogdata.Filter.newBuilder()
        .addRules(Binlogdata.Rule.newBuilder().setMatch(table).setFilter(query))
        .build();
  }

  void follow(String position, Binlogdata.Filter filter) {
    follow(position, filter, List.of());
  }

  void follow(
      String position, Binlogdata.Filter filter, List<Binlogdata.TableLastPK> tableLastPks) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            streamer.vstream(
                position,
                filter,
                tableLastPks,
                Binlogdata.VStreamOptions.getDefaultInstance(),
                packet -> events.addAll(packet.toMessage().getEventsList()));
          } catch (Throwable e) {
            failure.set(e);
          }
        });
  }

  /** Events without heartbeats until the position is reached, the event behind it included. */
  List<VEvent> until(Position end) throws InterruptedException {
    List<VEvent> seen = new ArrayList<>();
    boolean reached = false;
    while (true) {
      VEvent event = next();
      if (event.getType() == Binlogdata.VEventType.HEARTBEAT) {
        continue;
      }
      seen.add(event);
      if (reached) {
        return seen;
      }
      reached =
          event.getType() == Binlogdata.VEventType.GTID
              && Position.parse(event.getGtid()).atLeast(end);
    }
  }

  /** What ended the stream. */
  @Nullable Throwable failure() {
    Awaitility.await().atMost(LONG).until(() -> failure.get() != null);
    return failure.get();
  }

  VEvent next() throws InterruptedException {
    VEvent event = events.poll(LONG.toSeconds(), TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("no event came", failure.get());
    }
    return event;
  }

  /** Type names, and rows as {@code table:before>after}. */
  static List<String> describe(List<VEvent> events) {
    List<String> texts = new ArrayList<>();
    for (VEvent event : events) {
      if (event.getType() == Binlogdata.VEventType.ROW) {
        for (Binlogdata.RowChange change : event.getRowEvent().getRowChangesList()) {
          texts.add(
              event.getRowEvent().getTableName()
                  + ":"
                  + (change.hasBefore() ? text(change.getBefore()) : "")
                  + ">"
                  + (change.hasAfter() ? text(change.getAfter()) : ""));
        }
      } else if (event.getType() == Binlogdata.VEventType.DDL) {
        texts.add("DDL " + event.getStatement());
      } else {
        texts.add(event.getType().name());
      }
    }
    return texts;
  }

  static String text(Query.Row row) {
    List<String> cells = new ArrayList<>();
    for (byte @Nullable [] cell : ProtoRows.unpack(row)) {
      cells.add(cell == null ? "NULL" : new String(cell, UTF_8));
    }
    return String.join(",", cells);
  }

  @Override
  public void close() {
    streamer.close();
  }
}

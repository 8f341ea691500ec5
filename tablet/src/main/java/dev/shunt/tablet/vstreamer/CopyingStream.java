package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.VEvent;
import binlogdata.Binlogdata.VEventType;
import binlogdata.Binlogdata.VStreamResponse;
import binlogdata.Binlogdata.VStreamRowsResponse;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.RowPacket;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A VStream that copies tables before it follows changes, one after the other by name. Changes of a
 * table come as soon as its copy has begun; those that come between two tables bring what is copied
 * to the position of the next one's snapshot. A reader that was cut off goes on with the last
 * position and the last keys that it was given; rows and changes near the cut come again.
 *
 * <pre>
 *   for each table:  changes up to the snapshot
 *                    BEGIN FIELD GTID  ROW… LASTPK COMMIT  BEGIN ROW… LASTPK COMMIT  …
 *                    BEGIN LASTPK(completed) COMMIT
 *   then:            changes, for ever
 * </pre>
 */
final class CopyingStream {
  private final TabletIdentity identity;
  private final Source source;
  private final Binlogdata.Filter filter;
  private final EventBuffer out;
  private final StreamSink<EventPacket> sink;

  /** Tables to be copied, and the key of the last row that was. */
  private final SortedMap<String, Optional<Query.QueryResult>> left;

  /** What the reader was sent up to; empty at first. */
  private String position;

  private boolean inTransaction;

  /** Where changes and rows come from. */
  interface Source {
    /** The position of the server now. */
    Position current();

    /** Streams changes until {@code end} says so after a message, or for ever. */
    void changes(String from, Binlogdata.Filter filter, Ending end, StreamSink<EventPacket> sink)
        throws InterruptedException;

    /** Streams the rows of a query. */
    void rows(String query, Query.QueryResult lastPk, StreamSink<RowPacket> sink)
        throws InterruptedException;
  }

  /** Asked whether enough was sent. */
  @FunctionalInterface
  interface Ending {
    boolean reached();
  }

  /**
   * @param position where changes begin; empty for the first table's snapshot
   * @param tables tables to be copied, with the key of the last row that was
   */
  CopyingStream(
      TabletIdentity identity,
      Source source,
      Binlogdata.Filter filter,
      String position,
      Map<String, Optional<Query.QueryResult>> tables,
      EventBuffer out,
      StreamSink<EventPacket> sink) {
    this.identity = identity;
    this.source = source;
    this.filter = filter;
    this.position = position;
    this.left = new TreeMap<>(tables);
    this.out = out;
    this.sink = sink;
  }

  void run() throws InterruptedException {
    if (!position.isEmpty()) {
      demandContained();
    }
    while (!left.isEmpty()) {
      if (!position.isEmpty()) {
        // What came up to now; what comes meanwhile is little.
        changesUpTo(source.current());
      }
      copy(left.firstKey());
    }
    if (position.isEmpty()) {
      position = source.current().encoded();
    }
    source.changes(position, filter, () -> false, sink);
  }

  private void demandContained() {
    Position current = source.current();
    if (!current.atLeast(Position.parse(position))) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "GTIDSet Mismatch: requested source position:"
              + position
              + ", current target vrep position: "
              + current.encoded());
    }
  }

  private void copy(String table) throws InterruptedException {
    Query.QueryResult lastPk =
        left.getOrDefault(table, Optional.empty()).orElse(Query.QueryResult.getDefaultInstance());
    Query.QueryResult.Builder key = Query.QueryResult.newBuilder();
    source.rows(
        StreamRules.query(filter, table),
        lastPk,
        packet -> {
          VStreamRowsResponse message = packet.toMessage();
          if (!message.getGtid().isEmpty()) {
            key.addAllFields(message.getPkfieldsList());
            header(table, message);
          } else if (message.getThrottled()) {
            out.throttled(message.getThrottledReason(), 0);
          } else if (message.getRowsCount() > 0) {
            rows(table, message, key.clone().addRows(message.getLastpk()).build());
          }
        });
    if (inTransaction) { // there was no row
      commit();
    }
    begin();
    lastPk(Binlogdata.TableLastPK.newBuilder().setTableName(table), true);
    commit();
    left.remove(table);
  }

  private void header(String table, VStreamRowsResponse header) throws InterruptedException {
    if (!position.isEmpty()) {
      changesUpTo(Position.parse(header.getGtid()));
    }
    // From now on its changes are wanted, too.
    left.put(table, Optional.of(Query.QueryResult.getDefaultInstance()));
    position = header.getGtid();
    begin();
    add(
        VEvent.newBuilder()
            .setType(VEventType.FIELD)
            .setFieldEvent(
                Binlogdata.FieldEvent.newBuilder()
                    .setTableName(table)
                    .addAllFields(header.getFieldsList())
                    .setKeyspace(identity.keyspace())
                    .setShard(identity.shard())
                    .setEnumSetStringValues(true)));
    add(VEvent.newBuilder().setType(VEventType.GTID).setGtid(position));
    out.flush();
  }

  private void rows(String table, VStreamRowsResponse packet, Query.QueryResult key)
      throws InterruptedException {
    if (!inTransaction) {
      begin();
    }
    Binlogdata.RowEvent.Builder rows =
        Binlogdata.RowEvent.newBuilder()
            .setTableName(table)
            .setKeyspace(identity.keyspace())
            .setShard(identity.shard());
    packet
        .getRowsList()
        .forEach(row -> rows.addRowChanges(Binlogdata.RowChange.newBuilder().setAfter(row)));
    add(VEvent.newBuilder().setType(VEventType.ROW).setRowEvent(rows));
    lastPk(Binlogdata.TableLastPK.newBuilder().setTableName(table).setLastpk(key), false);
    commit();
  }

  private void begin() {
    inTransaction = true;
    add(VEvent.newBuilder().setType(VEventType.BEGIN));
  }

  private void commit() throws InterruptedException {
    inTransaction = false;
    add(VEvent.newBuilder().setType(VEventType.COMMIT));
    out.flush();
  }

  private void lastPk(Binlogdata.TableLastPK.Builder table, boolean completed) {
    add(
        VEvent.newBuilder()
            .setType(VEventType.LASTPK)
            .setLastPKEvent(
                Binlogdata.LastPKEvent.newBuilder().setTableLastPK(table).setCompleted(completed)));
  }

  private void add(VEvent.Builder event) {
    out.add(out.now().getEpochSecond(), event);
  }

  /** Sends changes of what is copied, or partly, and ends behind exactly this position. */
  private void changesUpTo(Position end) throws InterruptedException {
    if (Position.parse(position).atLeast(end)) {
      return;
    }
    Binlogdata.Filter.Builder wanted = Binlogdata.Filter.newBuilder();
    left.forEach((table, lastPk) -> {
      if (lastPk.isEmpty()) {
        wanted.addRules(
            Binlogdata.Rule.newBuilder().setMatch(table).setFilter(StreamRules.EXCLUDE));
      }
    });
    wanted.addAllRules(filter.getRulesList());
    UpTo upTo = new UpTo(end);
    source.changes(position, wanted.build(), () -> upTo.reached, upTo);
  }

  /** Passes events on up to the end of what reaches a position. */
  private final class UpTo implements StreamSink<EventPacket> {
    private final Position end;
    private boolean reached;

    UpTo(Position end) {
      this.end = end;
    }

    @Override
    public void accept(EventPacket packet) throws InterruptedException {
      VStreamResponse.Builder passed = VStreamResponse.newBuilder();
      for (VEvent event : packet.toMessage().getEventsList()) {
        if (reached) {
          break;
        }
        switch (event.getType()) {
          case HEARTBEAT -> {
            if (event.getThrottled()) {
              passed.addEvents(event);
            }
          }
          case GTID -> {
            position = event.getGtid();
            passed.addEvents(event);
          }
          case COMMIT, DDL, OTHER -> {
            passed.addEvents(event);
            reached = Position.parse(position).atLeast(end);
          }
          default -> passed.addEvents(event);
        }
      }
      if (passed.getEventsCount() > 0) {
        sink.accept(EventPacket.of(passed.build()));
      }
    }
  }
}

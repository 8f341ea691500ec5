package dev.shunt.tablet.vstreamer;

import binlogdata.Binlogdata;
import dev.shunt.mysql.LostTransactions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.mysql.Positions;
import dev.shunt.mysql.SqlText;
import dev.shunt.mysql.UnfitForSnapshotException;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.VStreamer;
import dev.shunt.tablet.preflight.NameRule;
import dev.shunt.tablet.preflight.Preflight;
import dev.shunt.tablet.preflight.Scope;
import dev.shunt.tablet.rpc.MysqlErrors;
import dev.shunt.tablet.vstreamer.binlog.BinlogEvent;
import dev.shunt.tablet.vstreamer.binlog.BinlogFormatException;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.RowBound;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.sql.SqlParser;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import vschema.Vschema;

/** Streams out of the database beside a tablet. Each stream has connections of its own. */
public final class DatabaseVStreamer implements VStreamer {
  private static final Logger log = LoggerFactory.getLogger(DatabaseVStreamer.class);

  /**
   * ER_FORCING_CLOSE, ER_ABORTING_CONNECTION, ER_NET_READ_ERROR and those behind it,
   * ER_NEW_ABORTING_CONNECTION, ER_QUERY_INTERRUPTED, ER_TABLE_DEF_CHANGED, MariaDB's
   * ER_CONNECTION_KILLED, MySQL's ER_SESSION_WAS_KILLED and ER_CLIENT_INTERACTION_TIMEOUT.
   */
  private static final Set<Integer> BROKEN_OFF =
      Set.of(1080, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1412, 1927, 3169, 4031);

  private static final long LOOK_AGAIN_MILLIS = 100;

  /** A reader may have learnt of a change before it counts as done on the server. */
  private static final Duration BEHIND = Duration.ofSeconds(3);

  private static final long LOOK_AT_VSCHEMA_NANOS = Duration.ofSeconds(2).toNanos();

  private static final long REPORT_EVERY_NANOS = Duration.ofMillis(900).toNanos();

  private final TabletIdentity identity;
  private final MysqlEndpoint endpoint;
  private final CollatedOrder collations;
  private final RowFilters filters;
  private final SqlParser parser = SqlParser.create();
  private final Clock clock;
  private final Set<AutoCloseable> streams = ConcurrentHashMap.newKeySet();
  private final Sizes sizes;
  private final Throttler throttler;
  private final SharedSnapshots snapshots;
  private final PreparedMemory prepared = new PreparedMemory();
  private volatile boolean closed;

  /**
   * How streams are cut; others than the default are for tests.
   *
   * @param packetBytes bytes of rows or changes that make a message
   * @param partBytes bytes of a table that make a part for a reader of its own
   */
  public record Sizes(int packetBytes, long partBytes) {
    /** Messages as large as Vitess's, and parts that are worth the call that each takes. */
    public static final Sizes DEFAULT = new Sizes(250_000, 64L << 20);
  }

  /**
   * @param endpoint the tablet's server, with an account that may replicate, read and lock tables
   * @param vschemas reads the vschemas that key ranges in filters refer to
   * @param throttler says when the server is too busy
   */
  public DatabaseVStreamer(
      TabletIdentity identity,
      MysqlEndpoint endpoint,
      Supplier<Vschema.SrvVSchema> vschemas,
      Clock clock,
      Throttler throttler) {
    this(identity, endpoint, vschemas, clock, throttler, Sizes.DEFAULT);
  }

  /** With streams that are cut in another way. */
  public DatabaseVStreamer(
      TabletIdentity identity,
      MysqlEndpoint endpoint,
      Supplier<Vschema.SrvVSchema> vschemas,
      Clock clock,
      Throttler throttler,
      Sizes sizes) {
    this.throttler = throttler;
    this.sizes = sizes;
    this.identity = identity;
    this.endpoint = endpoint;
    this.collations = new CollatedOrder(endpoint);
    this.filters = new RowFilters(identity.keyspace(), vschemas, collations);
    this.clock = clock;
    this.snapshots = new SharedSnapshots(identity.database(), endpoint, sizes.partBytes());
  }

  @FunctionalInterface
  private interface Stream {
    void run() throws InterruptedException;
  }

  @Override
  public void vstream(
      String position,
      Binlogdata.Filter filter,
      List<Binlogdata.TableLastPK> tableLastPks,
      Binlogdata.VStreamOptions options,
      StreamSink<EventPacket> sink)
      throws InterruptedException {
    if (!tableLastPks.isEmpty() || position.isEmpty()) {
      guarded(() -> copyAndFollow(position, filter, tableLastPks, options, sink));
    } else {
      guarded(() -> follow(position, filter, () -> false, sink));
    }
  }

  private void copyAndFollow(
      String position,
      Binlogdata.Filter filter,
      List<Binlogdata.TableLastPK> tableLastPks,
      Binlogdata.VStreamOptions options,
      StreamSink<EventPacket> sink)
      throws InterruptedException {
    String start = position.equals("current") ? currentPosition().encoded() : position;
    if (!start.isEmpty()) {
      var unused = position(start);
    }
    Map<String, Optional<Query.QueryResult>> tables = new LinkedHashMap<>();
    tableLastPks.forEach(table ->
        tables.put(
            table.getTableName(),
            table.hasLastpk() && table.getLastpk().getRowsCount() > 0
                ? Optional.of(table.getLastpk())
                : Optional.empty()));
    if (tableLastPks.isEmpty()) {
      StreamRules rules = new StreamRules(filter, filters, parser, names());
      for (String table : tables()) {
        boolean chosen =
            options.getTablesToCopyCount() == 0 || options.getTablesToCopyList().contains(table);
        if (rules.matches(table) && chosen) {
          tables.put(table, Optional.empty());
        }
      }
    }
    EventBuffer out =
        new EventBuffer(sizes.packetBytes(), identity.keyspace(), identity.shard(), clock, sink);
    new CopyingStream(identity, new CopySource(options), filter, start, tables, out, sink).run();
  }

  /** What {@link CopyingStream} needs of this. */
  private final class CopySource implements CopyingStream.Source {
    private final Binlogdata.VStreamOptions options;

    CopySource(Binlogdata.VStreamOptions options) {
      this.options = options;
    }

    @Override
    public Position current() {
      return currentPosition();
    }

    @Override
    public void changes(
        String from,
        Binlogdata.Filter filter,
        CopyingStream.Ending end,
        StreamSink<EventPacket> sink)
        throws InterruptedException {
      follow(from, filter, end, sink);
    }

    @Override
    public void rows(String query, Query.QueryResult lastPk, StreamSink<RowPacket> sink)
        throws InterruptedException {
      vstreamRows(query, lastPk.getRowsCount() == 0 ? null : lastPk, options, sink);
    }
  }

  private NameRule names() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return Preflight.names(connection);
    }
  }

  private List<String> tables() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return connection
          .execute(
              "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE'"
                  + " AND TABLE_SCHEMA = "
                  + SqlText.literal(identity.database()))
          .rows()
          .stream()
          .map(row -> row.text(0))
          .toList();
    }
  }

  private void follow(
      String from, Binlogdata.Filter filter, CopyingStream.Ending end, StreamSink<EventPacket> sink)
      throws InterruptedException {
    boolean current = from.equals("current");
    Position start = current ? currentPosition() : position(from);
    demandContained(start);
    NameRule names = names();
    StreamRules rules = new StreamRules(filter, filters, parser, names);
    EventBuffer out =
        new EventBuffer(sizes.packetBytes(), identity.keyspace(), identity.shard(), clock, sink);
    Scope scope = Scope.matching(identity.database(), identity.sidecar(), rules::matches);
    try (BinlogConnection binlog =
        BinlogConnection.open(endpoint, scope, start, BinlogStream.HEARTBEAT)) {
      register(binlog);
      BinlogStream stream =
          new BinlogStream(
              identity,
              names,
              start,
              new TablePlans(endpoint, rules),
              new Statements(parser, rules, names, identity.database(), new ServerCode(endpoint)),
              new PreparedBefore(
                  SearchedLog.of(endpoint, scope),
                  filter,
                  PreparedSearch.Tables.of(identity.database(), names, rules),
                  start,
                  prepared),
              out,
              binlog.foreignKeyLog(),
              binlog.flavor());
      try {
        if (current) {
          stream.announcePosition();
          out.flush();
        }
        long lookedAt = System.nanoTime();
        while (!end.reached()) {
          if (System.nanoTime() - lookedAt > LOOK_AT_VSCHEMA_NANOS) {
            rules.demandSamePlacements();
            lookedAt = System.nanoTime();
          }
          pace(out);
          Iterator<BinlogEvent> events = binlog.next();
          while (events.hasNext()) {
            stream.handle(events.next());
          }
          if (!binlog.hasMore()) {
            out.flushIfComplete();
          }
        }
      } finally {
        streams.remove(binlog);
      }
    }
  }

  /**
   * A MySQL that lacks a part of what the reader has would pass over all that it gets of it later,
   * and wait in silence for what it never gets; MariaDB refuses it. What the server itself has made
   * and lost never comes, and others get its numbers.
   */
  private void demandContained(Position start) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      if (!connection.flavor().positions().takes(start)) {
        throw new RpcException(
            Status.Code.INVALID_ARGUMENT,
            "position " + start.encoded() + " is not of this server's kind");
      }
      if (!Positions.waitFor(connection, start, BEHIND)) {
        LostTransactions.of(connection, start)
            .ifPresent(lost -> {
              throw RpcException.lostLog(lost);
            });
        throw new RpcException(
            Status.Code.UNAVAILABLE,
            "tablet %s is behind the reader: its server is at %s, changes behind %s are asked for"
                .formatted(
                    identity.aliasText(),
                    Positions.current(connection).encoded(),
                    start.encoded()));
      }
    }
  }

  private static Position position(String text) {
    try {
      return Position.parse(text);
    } catch (IllegalArgumentException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  private Position currentPosition() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return Positions.current(connection);
    }
  }

  /** Rows from a snapshot of their own. */
  void vstreamRows(
      String query,
      Query.@Nullable QueryResult lastPk,
      Binlogdata.VStreamOptions options,
      StreamSink<RowPacket> sink)
      throws InterruptedException {
    vstreamRows(query, lastPk, options, null, sink);
  }

  @Override
  public void vstreamRows(
      String query,
      Query.@Nullable QueryResult lastPk,
      Binlogdata.VStreamOptions options,
      @Nullable String snapshot,
      StreamSink<RowPacket> sink)
      throws InterruptedException {
    StreamRules rules =
        new StreamRules(Binlogdata.Filter.getDefaultInstance(), filters, parser, NameRule.EXACT);
    guarded(() -> {
      HeldSnapshot held = snapshot == null ? null : snapshots.find(snapshot);
      if (held == null) {
        demandSource(Set.of(rules.parseOrdered(query).select().table()));
      }
      try (RowStream rows =
          new RowStream(identity.database(), endpoint, rules, sizes.packetBytes(), held)) {
        register(rows);
        try {
          rows.run(query, lastPk, until(options), paced(sink));
        } finally {
          streams.remove(rows);
        }
      }
    });
  }

  private static Optional<Query.Row> until(Binlogdata.VStreamOptions options) {
    try {
      return RowBound.of(options);
    } catch (IllegalArgumentException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  /** Before a copy takes its time: the changes behind it must be readable too. */
  private void demandSource(Set<String> tables) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      Preflight.demandSource(connection, Scope.of(identity.database(), identity.sidecar(), tables));
    }
  }

  @Override
  public void holdSnapshot(
      String name,
      List<String> tables,
      int sessions,
      @Nullable Position wanted,
      boolean byKeys,
      StreamSink<Binlogdata.VStreamTablesResponse> sink)
      throws InterruptedException {
    guarded(() -> {
      demandSource(Set.copyOf(tables));
      snapshots.hold(name, tables, sessions, wanted, byKeys, sink);
    });
  }

  @Override
  public void vstreamResults(String query, StreamSink<Binlogdata.VStreamResultsResponse> sink)
      throws InterruptedException {
    guarded(() -> {
      try (ResultStream results =
          new ResultStream(identity.database(), endpoint, parser, sizes.packetBytes())) {
        register(results);
        try {
          results.run(query, sink);
        } finally {
          streams.remove(results);
        }
      }
    });
  }

  /** Holds rows back while the server is too busy, and says so. */
  private StreamSink<RowPacket> paced(StreamSink<RowPacket> sink) {
    return packet -> {
      Optional<String> reason = packet.rows() == 0 ? Optional.empty() : throttler.reason();
      long reportedAt = 0;
      while (reason.isPresent()) {
        if (reportedAt == 0 || System.nanoTime() - reportedAt > REPORT_EVERY_NANOS) {
          reportedAt = System.nanoTime();
          sink.accept(
              RowPacket.of(
                  Binlogdata.VStreamRowsResponse.newBuilder()
                      .setThrottled(true)
                      .setThrottledReason(reason.get())
                      .build()));
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        reason = throttler.reason();
      }
      sink.accept(packet);
    };
  }

  /** As {@link #paced}, for changes. */
  private void pace(EventBuffer out) throws InterruptedException {
    for (Optional<String> reason = throttler.reason();
        reason.isPresent();
        reason = throttler.reason()) {
      out.throttled(reason.get(), REPORT_EVERY_NANOS);
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private void register(AutoCloseable stream) {
    streams.add(stream);
    if (closed) {
      throw unavailable();
    }
  }

  private void guarded(Stream stream) throws InterruptedException {
    if (closed) {
      throw unavailable();
    }
    try {
      stream.run();
    } catch (MysqlException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("the stream was interrupted");
      }
      throw closed
          ? unavailable()
          : new RpcException(ended(e.errno()), "stream ended: " + e.getMessage(), e);
    } catch (BinlogFormatException | UnfitForSnapshotException e) {
      throw new RpcException(Status.Code.FAILED_PRECONDITION, String.valueOf(e.getMessage()), e);
    } catch (RefusedException e) {
      throw new RpcException(Status.Code.FAILED_PRECONDITION, e.refusal().message(), e);
    }
  }

  /**
   * What may pass is told apart: who reads asks again then. So may a connection that somebody or
   * the server ended or the network lost, and a table that was altered under its snapshot.
   */
  static Status.Code ended(int errno) {
    if (BROKEN_OFF.contains(errno)) {
      return Status.Code.UNAVAILABLE;
    }
    Status.Code code = MysqlErrors.code(errno);
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED -> code;
      default -> Status.Code.UNKNOWN;
    };
  }

  private RpcException unavailable() {
    return new RpcException(
        Status.Code.UNAVAILABLE, "tablet " + identity.aliasText() + " streams no more");
  }

  @Override
  public void close() {
    closed = true;
    collations.close();
    snapshots.close();
    for (AutoCloseable stream : streams) {
      try {
        stream.close();
      } catch (Exception e) {
        log.atWarn().addKeyValue("tablet", identity.aliasText()).log("stream not closed", e);
      }
    }
  }
}

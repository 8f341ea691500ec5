package dev.shunt.tablet.vreplication.applying;

import binlogdata.Binlogdata;
import binlogdata.Binlogdata.Journal;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tabletclient.EventCursor;
import dev.shunt.tabletclient.TabletClient;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Applies a source's changes from a position on. Rows and position are committed together; under a
 * backlog several transactions of the source become one of the target.
 */
public final class Player {
  private static final Duration IDLE = Duration.ofMillis(500);
  private static final int NO_FOREIGN_KEYS = 2;

  /** How often it is looked whether the target has more tables for the stream's patterns. */
  private static final long LOOK_AT_TABLES_NANOS = Duration.ofSeconds(5).toNanos();

  /** The same where it is woken: somebody may wait, and want a position to be of all tables. */
  private static final long LOOK_WHEN_WOKEN_NANOS = Duration.ofMillis(250).toNanos();

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TabletClient source;
  private final StreamFilter filter;
  private final TargetTables tables;
  private final KeyActions keys;
  private final ApplyRequest request;
  private final StreamRow row;
  private final Binlogdata.OnDDLAction onDdl;
  private final Applier applier;
  private final RowEvents rows;
  private final Checkpoints checkpoints;

  /** What was given to the applier. */
  private final Trail seen;

  /** What was given to the applier once the event that follows is. */
  private String coming;

  private boolean inTransaction;

  /** Whether the transaction of the source that is being read has changes for this stream. */
  private boolean changes;

  private @Nullable Journal journal;
  private ApplyRequest.@Nullable End end;
  private long lastLook = System.nanoTime();
  private volatile Runnable wake = () -> {};

  /**
   * Begins nothing yet.
   *
   * @param connection the stream's on the target, in no transaction; this changes its settings
   * @param tables tables of the target, filled by the filter
   * @param keys has looked at the foreign keys of both sides
   * @param row the stream, whose position may have moved on
   * @param start where the stream stands
   */
  public Player(
      StreamContext stream,
      MysqlConnection connection,
      TabletClient source,
      StreamFilter filter,
      TargetTables tables,
      KeyActions keys,
      StreamRow row,
      Position start,
      ApplyRequest request) {
    this.stream = stream;
    this.connection = connection;
    this.source = source;
    this.filter = filter;
    this.tables = tables;
    this.keys = keys;
    this.row = row;
    this.onDdl = row.source().getOnDdl();
    this.request = request;
    PacketLimit limit = PacketLimit.of(connection);
    ChangeBatch batch = new ChangeBatch(request.foreignKeys(), limit, stream.tuning().rowByRow());
    this.applier =
        new Applier(
            stream, connection, limit, batch, start, request.presenting(), () -> wake.run());
    this.rows = new RowEvents(filter, tables, request, batch, applier);
    this.seen = new Trail(start);
    this.checkpoints = new Checkpoints(stream, connection, applier, seen);
    this.coming = seen.text();
  }

  /**
   * Applies until there is a reason to end.
   *
   * @param wakeable takes a way to make this look around, for those who wait for a position
   */
  public ApplyRequest.End play(Consumer<Runnable> wakeable) throws InterruptedException {
    try (applier) {
      if (checkpoints.reached(request.pauseAt())) {
        return ApplyRequest.End.PAUSED;
      }
      Position stopAt = request.stopAt();
      if (stopAt != null && checkpoints.reached(stopAt)) {
        stop("Stop position " + stopAt.encoded() + " already reached: " + seen.text());
        return ApplyRequest.End.STOPPED;
      }
      return follow(wakeable);
    }
  }

  private ApplyRequest.End follow(Consumer<Runnable> wakeable) throws InterruptedException {
    connection.execute("SET SESSION foreign_key_checks = " + (request.foreignKeys() ? 1 : 0));
    boolean whole = request.presenting().isEmpty();
    rows.demandPresent(whole && !stream.table().mayBePurged(connection, stream.id()));
    Binlogdata.VStreamRequest streamRequest =
        Binlogdata.VStreamRequest.newBuilder()
            .setTarget(source.target())
            .setPosition(seen.text())
            .setFilter(filter.changes(notRequested(), request.partlyCopied()))
            .build();
    try (ChangeFetcher fetcher =
        new ChangeFetcher(source.vStream(streamRequest), "fetcher-" + stream.id())) {
      wake = fetcher::wake;
      wakeable.accept(fetcher::wake);
      while (end == null) {
        if (stream.endRequested().getAsBoolean()) {
          end = ApplyRequest.End.REQUESTED;
          break;
        }
        if (applier.isEmpty()) {
          stream.throttle().await("vplayer", stream.endRequested());
        }
        take(fetcher);
      }
      return end;
    } catch (InterruptedException e) {
      applier.kill();
      throw e;
    } finally {
      wakeable.accept(() -> {});
    }
  }

  /**
   * Of tables whose copy has not begun the rows are not wanted, but what is done to their columns
   * is, where the same has to be done here: the copy needs it.
   */
  private Set<String> notRequested() {
    return onDdl == Binlogdata.OnDDLAction.IGNORE ? request.leftOut() : Set.of();
  }

  private void take(ChangeFetcher fetcher) throws InterruptedException {
    switch (fetcher.poll(IDLE)) {
      case null -> {
        saveIfDue();
        applier.tidy();
        endIfMoreTables(LOOK_AT_TABLES_NANOS);
      }
      case ChangeFetcher.Item.Wake ignored -> {
        saveUnlessMore(fetcher);
        // Each saved transaction wakes it as well.
        endIfMoreTables(LOOK_WHEN_WOKEN_NANOS);
      }
      case ChangeFetcher.Item.Broken broken -> throw broken.cause();
      case ChangeFetcher.Item.Events events -> {
        stream.onRead().run();
        EventCursor event = events.packet().cursor();
        for (int left = events.packet().events() - 1; end == null && event.next(); left--) {
          applyOrRefuse(event, left > 0 || fetcher.hasMore());
        }
        saveUnlessMore(fetcher);
        endIfMoreTables(LOOK_AT_TABLES_NANOS);
      }
    }
  }

  /** Large transactions are cheaper; so what is here already goes with what was before. */
  private void saveUnlessMore(ChangeFetcher fetcher) throws InterruptedException {
    if (end == null && (applier.isEmpty() || !fetcher.hasMore())) {
      saveIfDue();
    }
  }

  private void saveIfDue() throws InterruptedException {
    if (!inTransaction) {
      checkpoints.saveIfDue();
    }
  }

  /** What the server refuses of what came before is the reason, not what is refused here. */
  private void applyOrRefuse(EventCursor event, boolean more) throws InterruptedException {
    try {
      apply(event, more);
    } catch (RpcException e) {
      if (e.code() == Status.Code.FAILED_PRECONDITION) {
        tryOut();
      }
      throw e;
    }
  }

  private void tryOut() throws InterruptedException {
    try {
      applier.tryOut();
    } catch (MysqlException e) {
      if (!e.connectionLost()) { // as by a row that is too large for it, which is refused here
        throw e;
      }
    }
  }

  private void apply(EventCursor event, boolean more) throws InterruptedException {
    switch (event.type()) {
      case BEGIN -> {
        inTransaction = true;
        changes = false;
      }
      case FIELD -> rows.announced(event.event().getFieldEvent());
      case ROW -> rows(event);
      case GTID -> coming = event.gtid();
      case COMMIT -> commit(event, more);
      case OTHER -> passed(event);
      case DDL -> ddl(event.event());
      case JOURNAL -> journal(event.event().getJournal());
      case HEARTBEAT -> heartbeat(event);
      case VERSION, SAVEPOINT, PREVIOUS_GTIDS -> {}
      default ->
          throw new RpcException(
              Status.Code.FAILED_PRECONDITION, "unexpected event of type " + event.type());
    }
  }

  private void rows(EventCursor event) throws InterruptedException {
    String name = event.table();
    TargetTable table = rows.tableOf(name);
    if (table == null) {
      return;
    }
    changes = true;
    if (request.foreignKeys()) {
      boolean off = (event.flags() & NO_FOREIGN_KEYS) != 0;
      if (!off) {
        keys.untold(seen.text(), onDdl != Binlogdata.OnDDLAction.IGNORE);
      }
      rows.foreignKeysOff(off);
    }
    rows.apply(event, name, table);
  }

  private void commit(EventCursor event, boolean more) throws InterruptedException {
    inTransaction = false;
    checkpoints.moveTo(coming, event.timestamp());
    keys.passed(seen);
    if (endsHere()) {
      return;
    }
    boolean later = more && !applier.isFull() && !stream.endRequested().getAsBoolean();
    if (!applier.isEmpty() && !later) {
      checkpoints.saveSoon();
    }
    endIfYoung(event);
  }

  private void passed(EventCursor event) throws InterruptedException {
    checkpoints.moveTo(coming, applier.isEmpty() ? event.timestamp() : 0);
    keys.passed(seen);
    if (!endsHere()) {
      endIfYoung(event);
    }
  }

  private void heartbeat(EventCursor event) throws InterruptedException {
    if (event.event().getThrottled()) {
      stream.throttle().show("vstreamer", event.event().getThrottledReason());
    }
    if (inTransaction) {
      return;
    }
    checkpoints.drain();
    stream.table().saveHeartbeat(connection, stream.id(), seconds());
    stream.board().notifyListeners(stream.id());
    endIfYoung(event);
  }

  /**
   * A change of a table can't be part of a transaction: what came before is saved before, the
   * position behind it afterwards. A process that dies between carries it out again.
   */
  private void ddl(Binlogdata.VEvent event) throws InterruptedException {
    SourceDdl ddl = new SourceDdl(event.getStatement(), filter);
    if (ddl.concernsStream()) {
      checkpoints.drain();
      switch (onDdl) {
        case STOP -> {
          seen.to(coming);
          stop("Stopped at DDL " + event.getStatement());
          return;
        }
        case EXEC -> execute(ddl, false);
        case EXEC_IGNORE -> execute(ddl, !ddl.changesRows() && !keys.dependOn(ddl));
        case IGNORE, UNRECOGNIZED -> {
          ddl.demandRowsStay(seen.text());
          keys.demandAlike(ddl, seen.text());
        }
      }
    }
    seen.to(coming);
    checkpoints.save();
    forgetPlans();
    endsHere();
  }

  /**
   * Whoever changes a table of the source changes the target's as well, sooner or later. Nothing
   * that was planned before is under way.
   */
  private void forgetPlans() {
    tables.refresh();
    rows.forgetPlans();
  }

  private void execute(SourceDdl ddl, boolean ignoreErrors) throws InterruptedException {
    String statement = ddl.forTarget();
    ddl.demandOwnRows(named -> stream.table().filledByOthers(connection, stream.id(), named));
    ddl.demandSameValues(tables::columns);
    new TableChange(stream, connection)
        .carryOut(statement, request.partlyCopied().keySet(), ignoreErrors);
    keys.followed(ddl, coming);
  }

  /** It stands in a transaction of its own; the stream stays before that, to read it again. */
  private void journal(Journal read) throws InterruptedException {
    boolean copying = !request.presenting().isEmpty();
    JournalVerdict verdict =
        JournalVerdict.of(
            read,
            stream.tablet(),
            row.type(),
            filter.sources(),
            copying,
            filter.isPlacedBySource());
    switch (verdict) {
      case JournalVerdict.Pass _ -> {}
      case JournalVerdict.Stop stop -> {
        demandAlone(read);
        stop(stop.message());
      }
      case JournalVerdict.Follow _ -> {
        demandAlone(read);
        checkpoints.save();
        journal = read;
        end = ApplyRequest.End.AT_JOURNAL;
      }
    }
  }

  /** Rows beside it can't be applied and yet be before the stream's position. */
  private void demandAlone(Journal read) {
    if (changes) {
      throw new RpcException(
          Status.Code.FAILED_PRECONDITION,
          "journal "
              + read.getId()
              + " stands in one transaction with rows of this stream, behind "
              + seen.text());
    }
  }

  /** The journal before which it ended, if it did so. */
  public Optional<Journal> journal() {
    return Optional.ofNullable(journal);
  }

  /** Ends when a position to end at is reached. */
  private boolean endsHere() throws InterruptedException {
    if (checkpoints.reached(request.pauseAt())) {
      checkpoints.save();
      end = ApplyRequest.End.PAUSED;
      return true;
    }
    Position stopAt = request.stopAt();
    if (stopAt != null && checkpoints.reached(stopAt)) {
      stop("Stopped at position " + stopAt.encoded());
      return true;
    }
    return false;
  }

  /**
   * The next attempt has them copied, as their rows may be older than the stream's position, and
   * forgets those that have gone. A stream that is to stop somewhere, as for a diff, takes none in
   * before.
   *
   * @param nanos how long the last look must lie back
   */
  private void endIfMoreTables(long nanos) throws InterruptedException {
    boolean may = end == null && !inTransaction && request.stopAt() == null;
    if (!may || !filter.hasPatterns() || System.nanoTime() - lastLook < nanos) {
      return;
    }
    checkpoints.drain();
    boolean others = filter.wouldTakeOthers(tables.names());
    lastLook = System.nanoTime(); // behind the look, which may take long where there are many
    if (others) {
      checkpoints.save();
      end = ApplyRequest.End.MORE_TABLES;
    }
  }

  /** The source's own clock says how old its changes are; this machine's may go wrong by hours. */
  private void endIfYoung(EventCursor event) throws InterruptedException {
    if (end != null || request.untilSecondsBehind() < 0 || event.timestamp() <= 0) {
      return;
    }
    long sent = event.event().getCurrentTime() / 1_000_000_000L;
    long now = sent > 0 ? sent : seconds();
    if (now - event.timestamp() <= request.untilSecondsBehind()) {
      checkpoints.save();
      end = ApplyRequest.End.CAUGHT_UP;
    }
  }

  private void stop(String message) throws InterruptedException {
    checkpoints.saveAndStop(message);
    end = ApplyRequest.End.STOPPED;
  }

  private static long seconds() {
    return System.currentTimeMillis() / 1000;
  }
}

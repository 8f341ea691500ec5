package dev.shunt.tablet.vreplication.applying;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.database.VReplicationLog;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tabletclient.EventCursor;
import dev.shunt.tabletclient.TabletClient;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Applies a source's changes from a position on. Rows and position are committed together; under a
 * backlog several transactions of the source become one of the target.
 */
public final class Player {
  private static final Duration IDLE = Duration.ofMillis(500);
  private static final long SAVE_EVERY_NANOS = 1_000_000_000L;
  private static final int NO_FOREIGN_KEYS = 2;

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TabletClient source;
  private final StreamFilter filter;
  private final TargetTables tables;
  private final KeyActions keys;
  private final Playing playing;
  private final Binlogdata.OnDDLAction onDdl;
  private final Map<String, TargetTable> plans = new HashMap<>();
  private final Map<String, List<Query.Field>> fields = new HashMap<>();
  private final Map<String, CopiedRows> copied = new HashMap<>();
  private final Applier applier;

  /** What was given to the applier. */
  private final Trail seen;

  /** What was given to the applier once the event that follows is. */
  private String coming;

  private boolean unsaved;
  private boolean inTransaction;
  private long transactionTime;
  private long lastSave = System.nanoTime();
  private Playing.@Nullable End end;
  private volatile Runnable wake = () -> {};

  public Player(
      StreamContext stream,
      MysqlConnection connection,
      TabletClient source,
      StreamFilter filter,
      TargetTables tables,
      KeyActions keys,
      Binlogdata.OnDDLAction onDdl,
      Position start,
      Playing playing) {
    this.stream = stream;
    this.connection = connection;
    this.source = source;
    this.filter = filter;
    this.tables = tables;
    this.keys = keys;
    this.onDdl = onDdl;
    this.playing = playing;
    this.applier =
        new Applier(
            stream,
            connection,
            start,
            playing.foreignKeys(),
            playing.presenting(),
            () -> wake.run());
    this.seen = new Trail(start);
    this.coming = seen.text();
  }

  /**
   * Applies until there is a reason to end.
   *
   * @param wakeable told of a way to make this look around, for those who wait for a position
   */
  public Playing.End play(Consumer<Runnable> wakeable) throws InterruptedException {
    try (applier) {
      if (reached(playing.pauseAt())) {
        return Playing.End.PAUSED;
      }
      Position stopAt = playing.stopAt();
      if (stopAt != null && reached(stopAt)) {
        saveAndStop("Stop position " + stopAt.encoded() + " already reached: " + seen.text());
        return Playing.End.STOPPED;
      }
      return follow(wakeable);
    }
  }

  private Playing.End follow(Consumer<Runnable> wakeable) throws InterruptedException {
    connection.execute("SET SESSION foreign_key_checks = " + (playing.foreignKeys() ? 1 : 0));
    boolean whole = playing.presenting().isEmpty();
    applier.batch().demandRows(whole && !stream.table().mayBePurged(connection, stream.id()));
    Binlogdata.VStreamRequest request =
        Binlogdata.VStreamRequest.newBuilder()
            .setTarget(source.target())
            .setPosition(seen.text())
            .setFilter(filter.changes(notAskedFor(), playing.partlyCopied()))
            .build();
    try (ChangeFetcher fetcher =
        new ChangeFetcher(source.vStream(request), "fetcher-" + stream.id())) {
      wake = fetcher::wake;
      wakeable.accept(fetcher::wake);
      while (end == null) {
        if (stream.asked().getAsBoolean()) {
          end = Playing.End.ASKED;
          break;
        }
        if (applier.isEmpty()) {
          stream.pace().await("vplayer", stream.asked());
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
  private Set<String> notAskedFor() {
    return onDdl == Binlogdata.OnDDLAction.IGNORE ? playing.leftOut() : Set.of();
  }

  private void take(ChangeFetcher fetcher) throws InterruptedException {
    switch (fetcher.poll(IDLE)) {
      case null -> {
        saveIfDue();
        applier.tidy();
      }
      case ChangeFetcher.Item.Wake ignored -> saveUnlessMore(fetcher);
      case ChangeFetcher.Item.Broken broken -> throw broken.cause();
      case ChangeFetcher.Item.Events events -> {
        stream.reads().run();
        EventCursor event = events.packet().cursor();
        for (int left = events.packet().events() - 1; end == null && event.next(); left--) {
          applyOrRefuse(event, left > 0 || fetcher.hasMore());
        }
        saveUnlessMore(fetcher);
      }
    }
  }

  /** Large transactions are cheaper; so what is here already goes with what was before. */
  private void saveUnlessMore(ChangeFetcher fetcher) throws InterruptedException {
    if (end == null && (applier.isEmpty() || !fetcher.hasMore())) {
      saveIfDue();
    }
  }

  /** What the server refuses of what came before is the reason, not what is refused here. */
  private void applyOrRefuse(EventCursor event, boolean more) throws InterruptedException {
    try {
      apply(event, more);
    } catch (TabletException e) {
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
      case BEGIN -> inTransaction = true;
      case FIELD -> announced(event.event().getFieldEvent());
      case ROW -> rows(event);
      case GTID -> coming = event.gtid();
      case COMMIT -> commit(event, more);
      case OTHER -> passed(event);
      case DDL -> ddl(event.event());
      case JOURNAL -> journal(event.event().getJournal());
      case HEARTBEAT -> heartbeat(event);
      case VERSION, SAVEPOINT, PREVIOUS_GTIDS -> {}
      default ->
          throw new TabletException(
              Status.Code.FAILED_PRECONDITION, "unexpected event of type " + event.type());
    }
  }

  private void announced(Binlogdata.FieldEvent event) {
    String name = event.getTableName();
    List<Query.Field> before = fields.put(name, event.getFieldsList());
    if (!event.getFieldsList().equals(before)) {
      if (before != null) {
        applier.batch().inSequence(); // keys may be written in another way
      }
      plans.remove(name);
    }
  }

  /** How rows of a source table are written; worked out when the first one comes. */
  private TargetTable plan(String name) {
    TargetTable planned = plans.get(name);
    if (planned != null) {
      return planned;
    }
    String target = filter.targetOf(name);
    List<Query.Field> announced = fields.get(name);
    if (target == null || announced == null) {
      throw new IllegalStateException("rows before fields of table " + name);
    }
    TargetTable table = tables.plan(target, announced);
    plans.put(name, table);
    TableProgress progress = playing.partlyCopied().get(target);
    if (progress != null) {
      progress.demandStill(announced);
      boolean exactly =
          table.merges()
              || tables.isShared(target)
              || !table.tellsApart(announced, progress.keyFields());
      copied.put(name, new CopiedRows(progress, announced, exactly, tables.textOrder()));
    }
    return table;
  }

  private void rows(EventCursor event) throws InterruptedException {
    String name = event.table();
    String target = filter.targetOf(name);
    if (target != null && playing.leftOut().contains(target)) {
      return;
    }
    TargetTable table = plan(name);
    if (playing.foreignKeys()) {
      boolean told = (event.flags() & NO_FOREIGN_KEYS) != 0;
      if (!told) {
        keys.untold(seen.text(), onDdl != Binlogdata.OnDDLAction.IGNORE);
      }
      applier.batch().foreignKeysOff(told);
    }
    CopiedRows range = copied.get(name);
    boolean mayBeThere = range != null && !range.exact();
    while (event.nextChange()) {
      byte @Nullable [] @Nullable [] before = event.before();
      byte @Nullable [] @Nullable [] after = event.after();
      if (event.isPartial()) {
        PartialChange partial =
            new PartialChange(
                table, fields.getOrDefault(name, List.of()), event.change(), before, after);
        if (!partial.isComplete()) {
          table.demandPlainColumns();
          if (range != null) {
            partial.demandSameRow();
            if (!mayBeThere && !range.contain(partial.keyed())) {
              continue;
            }
          }
          partial.apply(applier.batch(), mayBeThere);
          applier.sendIfTooLarge();
          continue;
        }
      }
      if (range != null) {
        before = before != null && range.contain(before) ? before : null;
        after = after != null && range.contain(after) ? after : null;
      }
      row(table, before, after, mayBeThere);
      applier.sendIfTooLarge();
    }
  }

  private void row(
      TargetTable table,
      byte @Nullable [] @Nullable [] before,
      byte @Nullable [] @Nullable [] after,
      boolean mayBeThere) {
    if (before != null && after != null && staysOneRow(table, before, after)) {
      applier.batch().update(table, before, after);
      return;
    }
    if (before != null) {
      applier.batch().delete(table, before);
    }
    if (after != null) {
      applier.batch().insert(table, after, mayBeThere);
    }
  }

  /**
   * Whether a change is made as one. A row whose key changes is otherwise taken away and put in
   * again, which is simpler to join with other changes; but what foreign keys do when a parent goes
   * must not happen, and what they do when its key changes must.
   */
  private boolean staysOneRow(
      TargetTable table, byte[] @Nullable [] before, byte[] @Nullable [] after) {
    return !table.unique()
        || (applier.batch().rowByRow() && !table.merges())
        || table.columns().sameKey(before, after)
        || (playing.foreignKeys() && !table.standsAlone() && !table.merges());
  }

  private void commit(EventCursor event, boolean more) throws InterruptedException {
    long timestamp = event.timestamp();
    inTransaction = false;
    seen.to(coming);
    keys.passed(seen);
    if (timestamp > 0) {
      transactionTime = timestamp;
    }
    unsaved = true;
    if (endsHere()) {
      return;
    }
    boolean later = more && !applier.isFull() && !stream.asked().getAsBoolean();
    if (!applier.isEmpty() && !later) {
      saveSoon();
    }
    endIfYoung(event);
  }

  private void passed(EventCursor event) throws InterruptedException {
    long timestamp = event.timestamp();
    seen.to(coming);
    keys.passed(seen);
    unsaved = true;
    if (timestamp > 0 && applier.isEmpty()) {
      transactionTime = timestamp;
    }
    if (!endsHere()) {
      endIfYoung(event);
    }
  }

  private void heartbeat(EventCursor event) throws InterruptedException {
    if (event.event().getThrottled()) {
      stream.pace().show("vstreamer", event.event().getThrottledReason());
    }
    if (inTransaction) {
      return;
    }
    drain();
    stream.table().saveHeartbeat(connection, stream.id(), seconds());
    stream.board().tell(stream.id());
    endIfYoung(event);
  }

  /**
   * A change of a table can't be part of a transaction: what came before is saved before, the
   * position behind it afterwards. A process that dies between carries it out again.
   */
  private void ddl(Binlogdata.VEvent event) throws InterruptedException {
    SourceDdl ddl = new SourceDdl(event.getStatement(), filter);
    if (ddl.concernsStream()) {
      drain();
      switch (onDdl) {
        case STOP -> {
          seen.to(coming);
          saveAndStop("Stopped at DDL " + event.getStatement());
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
    save();
    forgetPlans();
    endsHere();
  }

  /**
   * Whoever changes a table of the source changes the target's as well, sooner or later. Nothing
   * that was planned before is under way.
   */
  private void forgetPlans() {
    tables.refresh();
    plans.clear();
  }

  private void execute(SourceDdl ddl, boolean ignoreErrors) throws InterruptedException {
    String statement = ddl.forTarget();
    ddl.demandOwnRows(named -> stream.table().filledByOthers(connection, stream.id(), named));
    ddl.demandSameValues(tables::columns);
    new TableChange(stream, connection)
        .carryOut(statement, playing.partlyCopied().keySet(), ignoreErrors);
    keys.followed(ddl, coming);
  }

  /** A journal that moves all tables of this stream away leaves nothing more to come. */
  private void journal(Binlogdata.Journal journal) throws InterruptedException {
    boolean tablesMove = journal.getMigrationType() == Binlogdata.MigrationType.TABLES;
    long concerned =
        filter.targets().stream().filter(table -> journal.getTablesList().contains(table)).count();
    if (tablesMove && concerned == 0) {
      return;
    }
    if (tablesMove && concerned < filter.targets().size()) {
      saveAndStop("unable to handle journal event: tables were partially matched");
    } else {
      saveAndStop("the source of this stream was moved by journal " + journal.getId());
    }
  }

  /** Ends when a position to end at is reached. */
  private boolean endsHere() throws InterruptedException {
    if (reached(playing.pauseAt())) {
      save();
      end = Playing.End.PAUSED;
      return true;
    }
    Position stopAt = playing.stopAt();
    if (stopAt != null && reached(stopAt)) {
      saveAndStop("Stopped at position " + stopAt.encoded());
      return true;
    }
    return false;
  }

  private boolean reached(@Nullable Position wanted) {
    return wanted != null && seen.position().atLeast(wanted);
  }

  /** The source's own clock tells how old its changes are; this machine's may go wrong by hours. */
  private void endIfYoung(EventCursor event) throws InterruptedException {
    if (end != null || playing.untilSecondsBehind() < 0 || event.timestamp() <= 0) {
      return;
    }
    long sent = event.event().getCurrentTime() / 1_000_000_000L;
    long now = sent > 0 ? sent : seconds();
    if (now - event.timestamp() <= playing.untilSecondsBehind()) {
      save();
      end = Playing.End.CAUGHT_UP;
    }
  }

  /** The position and the state are written together: one without the other would run on. */
  private void saveAndStop(String message) throws InterruptedException {
    applier.saveNow(
        seen, transactionTime, stream.table().stateStatement(stream.id(), "Stopped", message));
    saved();
    stream
        .table()
        .log(connection, stream.id(), VReplicationLog.Type.STATE_CHANGED, "Stopped", message);
    stream.board().state(stream.id(), "Stopped", message);
    end = Playing.End.STOPPED;
  }

  /** Saves what transactions without rows of ours left: each second, or when somebody waits. */
  private void saveIfDue() throws InterruptedException {
    if (inTransaction || !unsaved) {
      return;
    }
    if (!applier.isEmpty()
        || System.nanoTime() - lastSave >= SAVE_EVERY_NANOS
        || stream.board().isAwaited(stream.id())) {
      saveSoon();
    }
  }

  private void saveSoon() throws InterruptedException {
    if (applier.saveSoon(seen, transactionTime)) {
      saved();
    }
  }

  private void save() throws InterruptedException {
    applier.saveNow(seen, transactionTime, "");
    saved();
  }

  /** Leaves nothing that is gathered or under way. */
  private void drain() throws InterruptedException {
    if (applier.isEmpty()) {
      applier.drain();
    } else {
      save();
    }
  }

  private void saved() {
    unsaved = false;
    lastSave = System.nanoTime();
  }

  private static long seconds() {
    return System.currentTimeMillis() / 1000;
  }
}

package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.VReplicationLog;
import dev.shunt.tablet.vreplication.applying.ApplyRequest;
import dev.shunt.tablet.vreplication.applying.CopiedRows;
import dev.shunt.tablet.vreplication.applying.KeyActions;
import dev.shunt.tablet.vreplication.applying.Player;
import dev.shunt.tablet.vreplication.copying.CopyCycle;
import dev.shunt.tablet.vreplication.stream.CopyBasis;
import dev.shunt.tablet.vreplication.stream.CopyTable;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamCopyState;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tablet.vreplication.stream.StreamTable;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import dev.shunt.tablet.vreplication.writing.TargetChangedException;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tablet.vreplication.writing.TimeZones;
import dev.shunt.tabletclient.TabletClient;
import io.grpc.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a stream over one connection. What to do is decided from what stands in the tables,
 * again after each phase, so a run may begin wherever an earlier one was cut off:
 *
 * <pre>
 *   copy_state has rows ──▶ copy the tables of them
 *   no position         ──▶ note all tables in copy_state
 *   the target has more tables for the patterns of rules ──▶ note these as well
 *   otherwise           ──▶ apply changes until asked to end, or up to a journal to follow
 * </pre>
 */
final class Attempt {
  /** Changes older than this are applied before the next snapshot is taken. */
  private static final long TOLERATED_LAG_SECONDS = 60;

  /** A position reached within this time needs no catch-up before the next snapshot. */
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** How often tables are looked at again at once without getting on. */
  private static final int MOST_LOOKS = 5;

  private static final Logger log = LoggerFactory.getLogger(Attempt.class);

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TabletClient source;
  private final JournalFollowing journals;
  private final Consumer<Runnable> wakeable;
  private final TargetTables tables;
  private final TableIntake chosen;

  /** Whether this attempt has copied. */
  private boolean copied;

  private @Nullable Long reachedAt;

  /** Foreign keys of both sides as they were last looked at. */
  private @Nullable KeyActions keys;

  Attempt(
      StreamContext stream,
      MysqlConnection connection,
      TabletClient source,
      JournalFollowing journals,
      Consumer<Runnable> wakeable) {
    this.stream = stream;
    this.connection = connection;
    this.source = source;
    this.journals = journals;
    this.wakeable = wakeable;
    this.tables = new TargetTables(connection, stream.tablet().database());
    this.chosen = new TableIntake(stream, connection, source, tables);
  }

  /** Returns when the stream is stopped, gone, or the controller was asked to end. */
  void run() throws InterruptedException {
    String before = "";
    int changes = 0;
    while (!stream.endRequested().getAsBoolean()) {
      try {
        if (!step()) {
          return;
        }
      } catch (TargetChangedException | MysqlException e) {
        RuntimeException changed = changed(e);
        String at = place();
        changes = at.equals(before) ? changes + 1 : 1;
        before = at;
        lookAgain(changed, changes);
      }
    }
  }

  /** A server may also refuse what was planned for a table that is not so any more. */
  private RuntimeException changed(RuntimeException failed) {
    if (connection.isClosed() || (failed instanceof MysqlException e && e.connectionLost())) {
      throw failed;
    }
    connection.execute("ROLLBACK");
    if (failed instanceof MysqlException && !tables.changed()) {
      throw failed;
    }
    return failed;
  }

  /** How far changes have come. */
  private String place() {
    return stream.table().read(connection, stream.id()).map(StreamRow::position).orElse("");
  }

  /** What was planned for tables as they were is planned again, unless that gets nowhere. */
  private void lookAgain(RuntimeException changed, int times) {
    if (times > MOST_LOOKS) {
      throw new RpcException(
          Status.Code.UNAVAILABLE, changed.getMessage() + ", again and again", changed);
    }
    log.atInfo()
        .addKeyValue("stream", stream.id())
        .addKeyValue("reason", changed.getMessage())
        .log("tables of the target are looked at again");
    tables.refresh();
    keys = null;
  }

  /** Looks at the foreign keys of both sides, once or again. */
  private KeyActions keys(StreamRow row, StreamFilter filter, boolean again) {
    KeyActions seen = keys;
    if (seen == null || again) {
      seen = new KeyActions(stream, connection, source, filter, tables);
      seen.begin(row.position(), row.source().getOnDdl() != Binlogdata.OnDDLAction.IGNORE);
      keys = seen;
    }
    return seen;
  }

  /** Whether there is more to do. */
  private boolean step() throws InterruptedException {
    Optional<StreamRow> read = stream.table().read(connection, stream.id());
    if (read.isEmpty() || !read.get().runs()) {
      return false;
    }
    StreamRow row = read.get();
    StreamFilter filter =
        new StreamFilter(row.source().getFilter(), stream.parser(), tables::names);
    tables.fillBy(filter, TimeZones.of(row.source()));
    tables.narrow(stream.tuning().narrow());
    if (filter.hasPatterns() && chosen.changes(row, filter)) {
      keys = null;
      return true;
    }
    if (stream.table().copies().isUnfinished(connection, stream.id())) {
      copied = true;
      keys(row, filter, false);
      copy(row, filter, stream.table().copies().claim(connection, stream.id()));
    } else if (row.position().isEmpty()) {
      keys(row, filter, true);
      beginCopy(filter);
    } else if (row.source().getStopAfterCopy() && (copied || row.state() == StreamState.COPYING)) {
      // Only who has copied stops, in this attempt or in one that was cut off behind its last row:
      // a stream that is started again behind its copy goes on, and its state is Running.
      state(StreamState.STOPPED, "Stopped after copy.");
    } else {
      return replicate(row, filter);
    }
    return true;
  }

  private void beginCopy(StreamFilter filter) {
    List<String> targets = filter.targets();
    if (targets.isEmpty()) {
      state(StreamState.STOPPED, "There is nothing to replicate");
      return;
    }
    connection.execute("BEGIN");
    stream.table().beginCopy(connection, stream.id(), targets);
    connection.execute("COMMIT");
    stream.board().state(stream.id(), StreamState.COPYING, "");
  }

  private void copy(StreamRow row, StreamFilter filter, StreamCopyState claimed)
      throws InterruptedException {
    StreamCopyState state = claimed;
    if (state.tables().isEmpty()) {
      return; // what was under way has ended it
    }
    Function<String, CopyBasis> bases = table -> CopyBasis.of(row.source(), filter, table);
    Set<String> leftOut = new LinkedHashSet<>();
    Map<String, TableProgress> partly = new LinkedHashMap<>();
    for (TableProgress table : state.tables()) {
      if (table.begun()) {
        Optional.ofNullable(state.bases().get(table.table()))
            .ifPresent(kept -> kept.demandStill(table.table(), bases.apply(table.table())));
        partly.put(table.table(), table);
      } else {
        leftOut.add(table.table());
      }
    }
    leftOut.addAll(chosen.putOff(row, filter));
    if (!partly.isEmpty()) {
      tables.share(stream.table().filledByOthers(connection, stream.id(), partly.keySet()));
      for (TableProgress table : partly.values()) {
        state = minded(state, table);
      }
    }
    ApplyRequest request =
        new ApplyRequest(
            leftOut, partly, null, null, TOLERATED_LAG_SECONDS, false, state.presenting());
    boolean begun = !state.position().isEmpty();
    if (begun) {
      SourceProgress.await(source, Position.parse(state.position()));
      if (!fresh() && !play(row, state.position(), filter, request)) {
        return;
      }
    }
    StreamCopyState noted = state;
    new CopyCycle(stream, connection, tables, filter, noted, bases, row.deferSecondaryKeys())
        .run(
            source,
            (snapshot, has) ->
                begun
                    ? forward(row, filter, request, snapshot, has)
                    : begin(noted, snapshot, filter.hasPatterns()));
    if (!stream.table().copies().isUnfinished(connection, stream.id())) {
      String at = stream.table().read(connection, stream.id()).map(StreamRow::position).orElse("");
      stream
          .table()
          .log(
              connection,
              stream.id(),
              VReplicationLog.Type.COPY_ENDED,
              StreamState.COPYING,
              "Copy phase completed at gtid " + at.substring(at.indexOf('/') + 1));
    }
  }

  /**
   * Notes that rows of a table may come before they are copied; those can't be distinguished from
   * the rows of another stream that fills the table later.
   */
  private StreamCopyState minded(StreamCopyState state, TableProgress table) {
    String name = table.table();
    CopyBasis basis = state.bases().getOrDefault(name, CopyBasis.ofKey(table.keyFields()));
    if (tables.isShared(name)) {
      if (basis.hasEarlyRows()) {
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION,
            "the copy of table "
                + name
                + " can't go on: it was cut off and had gone on before another stream into the"
                + " table was created, and which rows came early can't be told; empty the table"
                + " and create the streams again");
      }
      return state;
    }
    if (basis.hasEarlyRows() || CopiedRows.canDecide(table.keyFields())) {
      return state;
    }
    CopyBasis early = basis.withEarlyRows();
    CopyTable copies = stream.table().copies();
    copies.presenting(
        connection, state, () -> copies.claims().keep(connection, stream.id(), name, early));
    return state.with(name, early);
  }

  /** Whether the position was that of a snapshot a moment ago. */
  private boolean fresh() {
    return reachedAt != null && System.nanoTime() - reachedAt < FRESH.toNanos();
  }

  /** The first snapshot is where the stream's position begins. */
  private boolean begin(StreamCopyState state, Position snapshot, boolean byPattern) {
    stream.table().beginPosition(connection, state, snapshot, byPattern);
    stream.board().position(stream.id(), snapshot);
    reachedAt = System.nanoTime();
    return true;
  }

  private boolean forward(
      StreamRow row, StreamFilter filter, ApplyRequest request, Position snapshot, String has)
      throws InterruptedException {
    StreamRow now =
        stream
            .table()
            .read(connection, stream.id())
            .orElseThrow(() -> StreamTable.gone(stream.id()));
    if (!now.position().equals(has)) {
      SourceProgress.demand(source, snapshot, Position.parse(now.position()));
    }
    boolean reached = play(row, now.position(), filter, request.pausingAt(snapshot));
    reachedAt = reached ? System.nanoTime() : null;
    return reached;
  }

  /** Whether it ended for the reason that was wanted. */
  private boolean play(StreamRow row, String position, StreamFilter filter, ApplyRequest request)
      throws InterruptedException {
    ApplyRequest.End end = player(row, position, filter, request).play(wakeable);
    return end == ApplyRequest.End.PAUSED || end == ApplyRequest.End.CAUGHT_UP;
  }

  private Player player(StreamRow row, String position, StreamFilter filter, ApplyRequest request) {
    return new Player(
        stream,
        connection,
        source,
        filter,
        tables,
        Objects.requireNonNull(keys),
        row,
        Position.parse(position),
        request);
  }

  /** Whether there is more to do. */
  private boolean replicate(StreamRow row, StreamFilter filter) throws InterruptedException {
    keys(row, filter, true);
    if (row.state() != StreamState.RUNNING) {
      state(StreamState.RUNNING, "");
    }
    SourceProgress.await(source, Position.parse(row.position()));
    Position stopAt = row.stopPosition().isEmpty() ? null : Position.parse(row.stopPosition());
    Player player =
        player(
            row, row.position(), filter, ApplyRequest.running(chosen.putOff(row, filter), stopAt));
    if (player.play(wakeable) == ApplyRequest.End.MORE_TABLES) {
      return true;
    }
    player
        .journal()
        .ifPresent(journal -> journals.arrived(stream.id(), row.workflow(), journal, place()));
    return false;
  }

  private void state(StreamState state, String message) {
    stream.table().writeState(connection, stream.id(), state, message);
    stream.board().state(stream.id(), state, message);
  }
}

package dev.shunt.tablet.vreplication.copying;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.CopyBasis;
import dev.shunt.tablet.vreplication.stream.CopyNotes;
import dev.shunt.tablet.vreplication.stream.CopyPart;
import dev.shunt.tablet.vreplication.stream.CopyTable;
import dev.shunt.tablet.vreplication.stream.PartBounds;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamCopyState;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.stream.StreamLock;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import dev.shunt.tablet.vreplication.writing.CopySession;
import dev.shunt.tablet.vreplication.writing.SecondaryKeys;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tabletclient.RowBound;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletStream;
import io.grpc.Status;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies one table, part by part, from one snapshot of the source. Parts may be copied at the same
 * time, by several threads; see {@link CopyWriter} for how rows are written.
 */
final class TableCopy implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TableCopy.class);

  private final StreamContext stream;
  private final LoadPool pool;
  private final TargetTables tables;
  private final StreamCopyState state;
  private final TableProgress progress;
  private final StreamFilter filter;
  private final CopyBasis basis;
  private final List<CopyPart> parts;
  private final Options options;
  private @Nullable CopyBasis kept;
  private boolean keysDecided;
  private volatile @Nullable MysqlConnection altering;

  /**
   * How rows are written.
   *
   * @param load whether the server takes LOAD DATA LOCAL
   * @param deferKeys whether secondary keys may be added after the rows
   */
  record Options(boolean load, boolean deferKeys) {}

  /**
   * @param state presented by all that is written
   * @param basis what is known before the first row of what the copy stands on
   * @param parts what of it is to be copied; if nothing is missing then, the table is complete
   */
  TableCopy(
      StreamContext stream,
      LoadPool pool,
      TargetTables tables,
      StreamFilter filter,
      StreamCopyState state,
      CopyBasis basis,
      TableProgress progress,
      List<CopyPart> parts,
      Options options) {
    this.stream = stream;
    this.pool = pool;
    this.tables = tables;
    this.filter = filter;
    this.state = state;
    this.basis = basis;
    this.progress = progress;
    this.kept = kept(state, progress);
    this.parts = List.copyOf(parts);
    this.options = options;
  }

  private static @Nullable CopyBasis kept(StreamCopyState state, TableProgress progress) {
    if (!progress.begun()) {
      return null; // nothing stands on it yet
    }
    CopyBasis kept = state.bases().get(progress.table());
    return kept == null ? CopyBasis.ofKey(progress.keyFields()) : kept;
  }

  /** Gets the position of the snapshot before the first row of it is written. */
  @FunctionalInterface
  interface SnapshotCheck {
    /** Whether to go on. */
    boolean goOn(Position snapshot) throws InterruptedException;
  }

  String table() {
    return progress.table();
  }

  /** The parts that are to be copied. */
  List<CopyPart> parts() {
    return parts;
  }

  /**
   * Copies what is missing of a part.
   *
   * @param cut whether to leave it there; what is copied until then stays
   * @return whether the part is complete
   */
  boolean copy(TabletClient source, CopyPart part, BooleanSupplier cut, SnapshotCheck check)
      throws InterruptedException {
    Binlogdata.VStreamRowsRequest.Builder request =
        Binlogdata.VStreamRowsRequest.newBuilder()
            .setTarget(source.target())
            .setQuery(filter.query(table(), part.terms()));
    part.after().ifPresent(request::setLastpk);
    part.until().ifPresent(until -> request.setOptions(RowBound.in(request.getOptions(), until)));
    try (TabletStream<RowPacket> rows = source.vStreamRows(request.build())) {
      Binlogdata.VStreamRowsResponse header = header(rows);
      if (header != null) {
        demandBounds(header, part);
      }
      if (header == null || !check.goOn(Position.parse(header.getGtid()))) {
        return false;
      }
      OptionalLong mark = write(rows, header, part, cut);
      mark.ifPresent(last ->
          pool.with(connection -> copies().endPart(connection, state, table(), part, last)));
      return mark.isPresent();
    }
  }

  /** The mark of the last note when all rows are written. */
  private OptionalLong write(
      TabletStream<RowPacket> rows,
      Binlogdata.VStreamRowsResponse header,
      CopyPart part,
      BooleanSupplier cut)
      throws InterruptedException {
    TargetTable plan = plan(header);
    demandBasis(header, plan);
    boolean replace =
        progress.begun()
            && !plan.merges()
            && !tables.isShared(table())
            && plan.distinguishes(header.getFieldsList(), header.getPkfieldsList());
    CopyNotes notes = copies().notes(state, table(), part, header.getPkfieldsList());
    if (!plan.columns().loadable()
        || plan.warned()
        || !options.load()
        || stream.tuning().rowByRow()) {
      MysqlConnection connection = pool.take();
      OptionalLong complete =
          write(rows, new InsertingWriter(stream, connection, plan, replace, notes), cut);
      pool.giveBack(connection);
      return complete;
    }
    boolean keysGo = options.deferKeys() && plan.unique() && !progress.begun();
    if (keysGo && progress.isCut()) {
      takeKeysOff();
    }
    return write(
        rows,
        new LoadingWriter(
            plan,
            new ChunkLoader(stream, pool, plan, replace, notes),
            keysGo ? this::takeKeysOff : () -> {}),
        cut);
  }

  private OptionalLong write(TabletStream<RowPacket> rows, CopyWriter writer, BooleanSupplier cut)
      throws InterruptedException {
    while (rows.hasNext()) {
      if (stream.endRequested().getAsBoolean()) {
        return OptionalLong.empty();
      }
      if (cut.getAsBoolean()) {
        var _ = writer.finish();
        return OptionalLong.empty();
      }
      RowPacket packet = rows.next();
      if (packet.head().getThrottled()) {
        stream.throttle().show("rowstreamer", packet.head().getThrottledReason());
      }
      if (packet.rows() > 0) {
        stream.throttle().await("vcopier", stream.endRequested());
        writer.write(packet);
      }
    }
    return OptionalLong.of(writer.finish());
  }

  /**
   * Rows beyond a part's end are another part's, and bounds are of one key. Whether the tablet
   * keeps to ends is looked at first: one that doesn't says less of the key.
   */
  private void demandBounds(Binlogdata.VStreamRowsResponse header, CopyPart part) {
    part.until()
        .filter(until -> !header.hasLastpk() || !header.getLastpk().equals(until))
        .ifPresent(_ -> {
          throw new RpcException(
              Status.Code.UNAVAILABLE,
              ("table %s is copied in parts that end with keys of rows, which the source's tablet"
                      + " does not know of: the copy goes on with a source whose tablet is Shunt's,"
                      + " or begins anew with an empty table and a new stream")
                  .formatted(table()));
        });
    if (part.bounds() instanceof PartBounds.Keys) {
      progress.demandCutBy(header.getPkfieldsList());
    } else if (progress.begun()) {
      progress.demandSameValues(header.getPkfieldsList());
    }
  }

  /** What was copied stands on the keys of both sides as they were; kept before the first row. */
  private synchronized void demandBasis(Binlogdata.VStreamRowsResponse header, TargetTable plan) {
    CopyBasis now =
        basis.with(
            header.getPkfieldsList(),
            plan.columns().key().stream().map(target -> target.column().name()).toList());
    if (kept != null) {
      kept.demandStill(table(), now);
      now = kept.hasEarlyRows() ? now.withEarlyRows() : now;
    }
    CopyBasis keeps = now;
    if (!now.equals(kept)) {
      pool.with(connection ->
          copies()
              .presenting(
                  connection,
                  state,
                  () -> copies().claims().keep(connection, stream.id(), table(), keeps)));
      kept = now;
    }
  }

  /** The schema of the target is read over one connection, whoever asks. */
  private TargetTable plan(Binlogdata.VStreamRowsResponse header) {
    synchronized (tables) {
      return tables.plan(table(), header.getFieldsList());
    }
  }

  private Binlogdata.@Nullable VStreamRowsResponse header(TabletStream<RowPacket> rows) {
    while (rows.hasNext()) {
      Binlogdata.VStreamRowsResponse head = rows.next().head();
      if (!head.getGtid().isEmpty()) {
        return head;
      }
      if (stream.endRequested().getAsBoolean()) {
        return null;
      }
    }
    throw new RpcException(
        Status.Code.UNAVAILABLE, "the source ended its stream of rows of " + table() + " at once");
  }

  /** Before rows of more than one chunk; once. */
  private synchronized void takeKeysOff() throws InterruptedException {
    if (!keysDecided) {
      keysDecided = true;
      new SecondaryKeys(stream, altering()).takeOff(table(), state);
    }
  }

  /** Ends the copy of the table, unless some of it was not to be copied. */
  synchronized void complete() throws InterruptedException {
    if (parts.size() == progress.unfinished().size()) {
      MysqlConnection connection = altering();
      new SecondaryKeys(stream, connection).putBack(table());
      copies().endTable(connection, state, progress);
      stream.board().notifyListeners(stream.id());
      connection.close();
      altering = null;
    }
  }

  private CopyTable copies() {
    return stream.table().copies();
  }

  private MysqlConnection altering() {
    MysqlConnection open = altering;
    if (open == null) {
      open = pool.open();
      altering = open;
      StreamLock.hold(open, stream.id(), stream.tablet().database(), table());
    }
    return open;
  }

  /** Breaks off a statement that alters the table; the server would go on with it. */
  @Override
  public void close() {
    MysqlConnection open = altering;
    if (open != null) {
      CopySession.end(
          open, log.atWarn().addKeyValue("stream", stream.id()).addKeyValue("table", table()));
    }
  }
}

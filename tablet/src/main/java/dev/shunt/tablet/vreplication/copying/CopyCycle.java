package dev.shunt.tablet.vreplication.copying;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.CopyBasis;
import dev.shunt.tablet.vreplication.stream.CopyPart;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamCopyState;
import dev.shunt.tablet.vreplication.stream.StreamFilter;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tablet.vreplication.stream.TableProgress;
import dev.shunt.tablet.vreplication.writing.TargetTables;
import dev.shunt.tabletclient.TabletClient;
import io.grpc.Status;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Copies the tables of a stream that are not complete: all of them at a time from one snapshot, cut
 * into parts where they are large. From a source that can't share a snapshot it copies one part
 * from one of its own, and has to be run again for the next one.
 */
public final class CopyCycle {
  /**
   * A snapshot held longer than this keeps too much history on the source; the copy then goes on
   * from a new one. Vitess's default as well.
   */
  private static final Duration LONGEST = Duration.ofHours(1);

  /** More would only wait for the writers, each with a chunk in its hands. */
  private static final int MOST_READERS = 8;

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final TargetTables tables;
  private final StreamFilter filter;
  private final StreamCopyState state;
  private final Function<String, CopyBasis> bases;
  private final boolean deferKeys;

  /**
   * @param connection the stream's, used by nobody else meanwhile
   * @param state as the attempt found it; there is something left to copy
   * @param bases what is known of what the copy of a table stands on
   * @param deferKeys whether secondary keys may be added after the rows
   */
  public CopyCycle(
      StreamContext stream,
      MysqlConnection connection,
      TargetTables tables,
      StreamFilter filter,
      StreamCopyState state,
      Function<String, CopyBasis> bases,
      boolean deferKeys) {
    this.stream = stream;
    this.connection = connection;
    this.tables = tables;
    this.filter = filter;
    this.state = state;
    this.bases = bases;
    this.deferKeys = deferKeys;
  }

  /** Brings the tables copied so far to the position of the snapshot; false to give up. */
  @FunctionalInterface
  public interface FastForward {
    /**
     * Brings them there.
     *
     * @param has what the snapshot's server said it has of the stream, encoded; empty when it said
     *     nothing
     */
    boolean to(Position snapshot, String has) throws InterruptedException;
  }

  /** Copies what is missing. */
  public void run(TabletClient source, FastForward fastForward) throws InterruptedException {
    List<TableProgress> unfinished = state.tables();
    int readers = Math.min(stream.tuning().writers(), MOST_READERS);
    List<String> sources =
        unfinished.stream().map(table -> filter.select(table.table()).table()).toList();
    String at = position();
    Optional<SourceSnapshot> shared = SourceSnapshot.take(source, sources, readers, at);
    if (shared.isEmpty()) {
      alone(source, unfinished, fastForward);
      return;
    }
    try (SourceSnapshot snapshot = shared.get()) {
      snapshot.tables().forEach(this::demandSameKey);
      List<TableProgress> wrong = wronglyCut(snapshot.tables());
      if (!wrong.isEmpty()) {
        wrong.forEach(table -> stream.table().copies().uncut(connection, state, table));
        return;
      }
      if (fastForward.to(snapshot.position(), snapshot.hasStream() ? at : "")) {
        copy(
            snapshot.reader(),
            planned(unfinished, snapshot.tables()),
            readers,
            position -> demandSame(position, snapshot.position()));
      }
    }
  }

  /**
   * Of a table whose copy has begun, before its parts are asked for by keys of another type. A
   * table without a unique key goes by the bytes of its columns, whatever they are.
   */
  private void demandSameKey(SourceSnapshot.Table source) {
    boolean bytes =
        source.keyFields().stream().anyMatch(field -> field.getType() == Query.Type.VARBINARY);
    for (TableProgress table : state.tables()) {
      CopyBasis kept = state.bases().get(table.table());
      boolean same = source.name().equals(filter.select(table.table()).table());
      if (table.begun() && kept != null && same && !bytes) {
        kept.demandStill(table.table(), CopyBasis.ofKey(source.keyFields()));
      }
    }
  }

  /** Where the stream is; it stays there, as its copy was claimed. */
  private String position() {
    return stream.table().read(connection, stream.id()).map(StreamRow::position).orElse("");
  }

  private static boolean demandSame(Position read, Position held) {
    if (!read.encoded().equals(held.encoded())) {
      throw new RpcException(
          Status.Code.INTERNAL,
          "rows are of %s, the snapshot is of %s".formatted(read.encoded(), held.encoded()));
    }
    return true;
  }

  /** The part that was begun, or else the first one. */
  private void alone(TabletClient source, List<TableProgress> unfinished, FastForward fastForward)
      throws InterruptedException {
    TableProgress table =
        unfinished.stream()
            .filter(TableProgress::begun)
            .findFirst()
            .orElseGet(unfinished::getFirst);
    List<CopyPart> next = table.unfinished().stream().limit(1).toList();
    copy(source, Map.of(table, next), 1, snapshot -> fastForward.to(snapshot, ""));
  }

  /** In the order of the snapshot; what has not begun is cut where that is possible. */
  private Map<TableProgress, List<CopyPart>> planned(
      List<TableProgress> unfinished, List<SourceSnapshot.Table> sources) {
    Map<String, TableProgress> bySource =
        unfinished.stream()
            .collect(
                Collectors.toMap(
                    table -> filter.select(table.table()).table(), Function.identity()));
    Map<TableProgress, List<CopyPart>> planned = new LinkedHashMap<>();
    for (SourceSnapshot.Table source : sources) {
      TableProgress table = planned(Objects.requireNonNull(bySource.get(source.name())), source);
      planned.put(table, table.unfinished());
    }
    return planned;
  }

  private TableProgress planned(TableProgress table, SourceSnapshot.Table source) {
    boolean cuttable =
        !table.isCut()
            && !table.begun()
            && source.parts().size() > 1
            && tables.distinguishesRows(table.table());
    return cuttable
        ? stream
            .table()
            .copies()
            .cut(connection, state, table.table(), source.keyFields(), source.parts())
        : table;
  }

  /**
   * Tables that were cut by another key than they have now. Of one whose copy has begun that is
   * refused when its rows are asked for; of others only the cuts are given up.
   */
  private List<TableProgress> wronglyCut(List<SourceSnapshot.Table> sources) {
    return state.tables().stream()
        .filter(table -> table.isCut() && !table.begun())
        .filter(table ->
            sources.stream()
                .filter(source -> source.name().equals(filter.select(table.table()).table()))
                .noneMatch(source -> table.isCutBy(source.keyFields())))
        .toList();
  }

  private void copy(
      TabletClient source,
      Map<TableProgress, List<CopyPart>> wanted,
      int readers,
      TableCopy.SnapshotCheck check)
      throws InterruptedException {
    TableCopy.Options options =
        new TableCopy.Options(ChunkLoader.isPossible(connection), deferKeys);
    long end = System.nanoTime() + LONGEST.toNanos();
    BooleanSupplier cut = () -> System.nanoTime() - end > 0;
    try (LoadPool pool = new LoadPool(connection.endpoint(), stream.tuning()::writers)) {
      List<TableCopy> copies = new ArrayList<>();
      wanted.forEach((table, parts) ->
          copies.add(
              new TableCopy(
                  stream,
                  pool,
                  tables,
                  filter,
                  state,
                  bases.apply(table.table()),
                  table,
                  parts,
                  options)));
      try (ParallelCopy copy = new ParallelCopy(copies, stream.endRequested())) {
        copy.copy(source, readers, cut, check);
      }
    }
  }
}

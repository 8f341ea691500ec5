package dev.shunt.vdiff.comparing;

import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Compares the rows of one table on one target shard with those of its sources. Rows are matched by
 * the bytes of their keys, so collations don't matter; values must be equal byte for byte, where
 * both sides write them alike: see {@link CellForms}. The streams are read in step: the side with
 * fewer rows that wait for their match goes on, among the sources the one with the fewest, so that
 * with equal data only few rows wait at any time.
 */
public final class TableComparison {
  private static final class Side {
    final RowSource source;
    final RowLayout layout;
    long pending;
    boolean ended;

    Side(RowSource source, RowLayout layout) {
      this.source = source;
      this.layout = layout;
    }
  }

  private record Waiting(ComparedRow row, Side side) {}

  private final List<Side> sources = new ArrayList<>();
  private final Side target;
  private final CellForms forms;
  private final Map<ByteString, Queue<Waiting>> waitingSource = new LinkedHashMap<>();
  private final Map<ByteString, Queue<Waiting>> waitingTarget = new LinkedHashMap<>();
  private final Limits limits;
  private final DiffReport report;
  private long waitingBytes;

  /** Is told how far a comparison is. */
  @FunctionalInterface
  public interface Progress {
    /** As many rows of either side were read. */
    void read(int rows) throws InterruptedException;
  }

  /**
   * How far to go.
   *
   * @param rows rows after which the comparison ends; below 1 means never
   * @param waitingBytes most memory that rows without a match may take
   */
  public record Limits(long rows, long waitingBytes) {}

  /**
   * Prepares it.
   *
   * @param table name, for the report
   * @throws IllegalArgumentException when the columns of both sides differ
   */
  public TableComparison(
      String table,
      List<RowSource> sources,
      RowSource target,
      Limits limits,
      ReportSettings settings) {
    List<Query.Field> fields = target.fields();
    List<Query.Field> key = target.keyFields();
    for (RowSource source : sources) {
      this.sources.add(new Side(source, RowLayout.of(source, fields, key)));
    }
    RowLayout layout = RowLayout.of(target, fields, key);
    this.target = new Side(target, layout);
    this.forms =
        new CellForms(fields, this.sources.stream().map(side -> side.layout.fields()).toList());
    this.limits = limits;
    this.report = new DiffReport(table, fields, layout.key(), settings);
  }

  /**
   * Compares everything.
   *
   * @param progress told of each packet of rows, of none before the first; may throw to end the
   *     comparison
   * @throws IllegalStateException when too many rows are without a match
   */
  public DiffReport run(Progress progress) throws InterruptedException {
    int read = 0;
    while (true) {
      progress.read(read);
      if (limits.rows() > 0 && report.processed() >= limits.rows()) {
        return report;
      }
      Side next = next();
      if (next == null) {
        break;
      }
      read = read(next);
    }
    waitingSource.values().forEach(rows -> rows.forEach(row -> report.extraSource(row.row())));
    waitingTarget.values().forEach(rows -> rows.forEach(row -> report.extraTarget(row.row())));
    return report;
  }

  private @Nullable Side next() {
    Side source = null;
    long pendingSources = 0;
    for (Side side : sources) {
      pendingSources += side.pending;
      if (!side.ended && (source == null || side.pending < source.pending)) {
        source = side;
      }
    }
    if (target.ended) {
      return source;
    }
    return source == null || target.pending < pendingSources ? target : source;
  }

  /** Reads a packet; returns how many rows it had. */
  private int read(Side side) {
    List<Query.Row> rows = side.source.next();
    if (rows == null) {
      side.ended = true;
      return 0;
    }
    boolean isTarget = side == target;
    Map<ByteString, Queue<Waiting>> others = isTarget ? waitingSource : waitingTarget;
    Map<ByteString, Queue<Waiting>> mine = isTarget ? waitingTarget : waitingSource;
    for (Query.Row raw : rows) {
      ComparedRow row = side.layout.row(raw, forms);
      ByteString key = side.layout.keyOf(row);
      Waiting match = take(others, key);
      if (match == null) {
        mine.computeIfAbsent(key, k -> new ArrayDeque<>(1)).add(new Waiting(row, side));
        side.pending++;
        waitingBytes += row.size();
      } else {
        match.side().pending--;
        waitingBytes -= match.row().size();
        compare(isTarget ? match.row() : row, isTarget ? row : match.row());
      }
    }
    if (waitingBytes > limits.waitingBytes()) {
      throw new IllegalStateException(
          "rows of %d MiB have no match on the other side: the tables differ too much to go on"
              .formatted(waitingBytes >> 20));
    }
    return rows.size();
  }

  private static @Nullable Waiting take(Map<ByteString, Queue<Waiting>> rows, ByteString key) {
    Queue<Waiting> queue = rows.get(key);
    if (queue == null) {
      return null;
    }
    Waiting first = queue.poll();
    if (queue.isEmpty()) {
      rows.remove(key);
    }
    return first;
  }

  private void compare(ComparedRow source, ComparedRow sameKey) {
    if (source.sameAs(sameKey)) {
      report.matching();
    } else {
      report.mismatch(source, sameKey);
    }
  }

  /** Keys that wait on each side, for tests of the bound. */
  Map<String, Integer> waiting() {
    Map<String, Integer> sizes = new HashMap<>();
    sizes.put("source", waitingSource.size());
    sizes.put("target", waitingTarget.size());
    return sizes;
  }
}

package dev.shunt.tablet.vstreamer;

import com.google.protobuf.ByteString;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.mysql.SqlDialect;
import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.schema.KeyMiddle;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.schema.ValueKind;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds keys of a table's rows at about equal distances, whatever the key is made of, without
 * reading the table. The range between the first and the last key is cut where a row is found near
 * the middle of its ends, then the range for which the server expects most rows, and so on:
 *
 * <pre>
 *   first ├───────────────────────────────────────────────┤ last
 *         ├───────────────┼───────────────────────────────┤   looked for at the middle of the values,
 *         ├───────────────┼───────────┼───────────────────┤   the next row that is there is the cut
 * </pre>
 *
 * <p>That a key lies between the ends of its range is a condition of the query that finds it: the
 * server decides by its own order, and guesses and estimates decide only how even the parts are.
 */
final class KeySampler {
  /** Ranges for each part, so that uneven ranges make even parts. */
  private static final int RANGES_A_PART = 4;

  private static final int MORE_RANGES = 16;

  /** What is found in this time must do. */
  private static final Duration LONGEST = Duration.ofSeconds(3);

  private static final Duration LONGEST_STATEMENT = Duration.ofSeconds(1);

  private final MysqlConnection connection;
  private final SqlDialect dialect;
  private final String database;
  private final TableSchema table;
  private final KeyOrder order;

  private record Key(List<ByteString> cells) {
    byte[][] bytes() {
      return cells.stream().map(ByteString::toByteArray).toArray(byte[][]::new);
    }

    byte[] cell(int i) {
      return cells.get(i).toByteArray();
    }

    Query.Row row() {
      return Query.Row.newBuilder()
          .addAllLengths(cells.stream().map(cell -> (long) cell.size()).toList())
          .setValues(ByteString.copyFrom(cells))
          .build();
    }
  }

  /** Rows behind a key, up to another. */
  private static final class Range {
    final Key after;
    Key until;
    long rows;
    @Nullable Range next;

    Range(Key after, Key until) {
      this.after = after;
      this.until = until;
    }
  }

  KeySampler(MysqlConnection connection, String database, TableSchema table) {
    this.connection = connection;
    this.dialect = connection.flavor().statements();
    this.database = database;
    this.table = table;
    this.order = new KeyOrder(table);
  }

  /**
   * Whether ranges of a table's key are ranges of its index: one that ENUMs and SETs are part of is
   * compared by numbers of theirs, and of a floating number there is no exact literal.
   */
  static boolean takes(TableSchema table) {
    return table.uniqueKey()
        && table.keyColumns().stream()
            .noneMatch(column ->
                column.enumerated()
                    || column.floating()
                    || column.nullable()
                    || ValueKind.of(column) == ValueKind.BIT
                    || ValueKind.of(column) == ValueKind.JSON);
  }

  /**
   * The last keys of all parts but the last one, ascending; fewer than asked for, or none, where
   * the table has few rows or not much is known of its values.
   */
  List<Query.Row> ends(int parts) {
    List<Key> outer = new ArrayList<>();
    outer.addAll(find("", "").stream().toList());
    outer.addAll(find("", " DESC").stream().toList());
    if (outer.size() < 2 || outer.getFirst().equals(outer.getLast())) {
      return List.of();
    }
    Range first = new Range(outer.getFirst(), outer.getLast());
    first.rows = rows(first);
    cut(first, parts * RANGES_A_PART + MORE_RANGES);
    return join(first, parts).stream().map(Key::row).toList();
  }

  private void cut(Range first, int ranges) {
    PriorityQueue<Range> left =
        new PriorityQueue<>(Comparator.comparingLong((Range range) -> range.rows).reversed());
    left.add(first);
    long end = System.nanoTime() + LONGEST.toNanos();
    for (int count = 1; count < ranges && System.nanoTime() - end < 0; ) {
      Range range = left.poll();
      if (range == null) {
        return;
      }
      Optional<Key> middle = middle(range);
      if (middle.isPresent()) {
        Range second = new Range(middle.get(), range.until);
        second.next = range.next;
        range.next = second;
        range.until = middle.get();
        range.rows = rows(range);
        second.rows = rows(second);
        left.add(range);
        left.add(second);
        count++;
      }
    }
  }

  /** Ends of ranges that follow each other, of about as many rows each. */
  private static List<Key> join(Range first, int parts) {
    long total = 0;
    for (Range range = first; range != null; range = range.next) {
      total += range.rows;
    }
    List<Key> ends = new ArrayList<>();
    long before = 0;
    long shares = 0;
    for (Range range = first; range.next != null; range = range.next) {
      before += range.rows;
      if (before * parts >= total * (shares + 1)) {
        shares = before * parts / Math.max(1, total);
        ends.add(range.until);
      }
    }
    return ends;
  }

  /** The key of a row inside of a range, neither of its ends. */
  private Optional<Key> middle(Range range) {
    int column = 0;
    while (column < order.size() && sameCell(range, column)) {
      column++;
    }
    if (column == order.size()) {
      return Optional.empty();
    }
    byte[] low = range.after.cell(column);
    byte[] high = range.until.cell(column);
    Optional<byte[]> guess = KeyMiddle.between(table.keyColumns().get(column), low, high);
    if (guess.isPresent()) {
      Optional<Key> above = find(range, column, " >= ", guess.get(), "");
      return above.isPresent() ? above : find(range, column, " < ", guess.get(), " DESC");
    }
    Optional<Key> lastOfLow = find(range, column, " = ", low, " DESC");
    return lastOfLow.isPresent() ? lastOfLow : find(range, column, " = ", high, "");
  }

  private static boolean sameCell(Range range, int column) {
    return range.after.cells().get(column).equals(range.until.cells().get(column));
  }

  private Optional<Key> find(
      Range range, int column, String operator, byte[] cell, String direction) {
    SqlBuffer condition = new SqlBuffer();
    bounds(condition, range, false);
    condition.append(" AND ");
    order.append(condition, column, operator, cell);
    return find(condition, direction);
  }

  private Optional<Key> find(String condition, String direction) {
    return find(new SqlBuffer().append(condition), direction);
  }

  private Optional<Key> find(SqlBuffer condition, String direction) {
    SqlBuffer sql =
        new SqlBuffer()
            .append(dialect.selectWithin(LONGEST_STATEMENT))
            .append(selected(condition, "FORCE", direction))
            .append(" LIMIT 1");
    return connection.execute(sql.toByteArray()).rows().stream().findFirst().map(KeySampler::key);
  }

  private static Key key(Row row) {
    return new Key(
        Arrays.stream(row.values())
            .map(cell -> ByteString.copyFrom(Objects.requireNonNull(cell)))
            .toList());
  }

  /** The condition for a range; what its ends have in common comes first, as an equality. */
  private void bounds(SqlBuffer sql, Range range, boolean withEnd) {
    for (int i = 0; i < order.size() && sameCell(range, i); i++) {
      order.append(sql, i, " = ", range.after.cell(i));
      sql.append(" AND ");
    }
    order.appendBehind(sql, range.after.bytes());
    sql.append(" AND ");
    if (withEnd) {
      order.appendUpTo(sql, range.until.bytes());
    } else {
      order.appendBefore(sql, range.until.bytes());
    }
  }

  private long rows(Range range) {
    SqlBuffer condition = new SqlBuffer();
    bounds(condition, range, true);
    return rows(condition);
  }

  /** About how many rows the server expects; a multiple of it in some versions. */
  long rows(SqlBuffer condition) {
    SqlBuffer explain =
        new SqlBuffer()
            .append(dialect.explainSelectWithin(LONGEST_STATEMENT))
            .append(selected(condition, dialect.hintToEstimate(), ""));
    QueryResult plan = connection.execute(explain.toByteArray());
    int rows = plan.column("rows");
    boolean known = rows >= 0 && plan.rows().size() == 1 && !plan.rows().getFirst().isNull(rows);
    return known ? plan.rows().getFirst().number(rows) : 0;
  }

  /** What stands behind SELECT. */
  private byte[] selected(SqlBuffer condition, String hint, String direction) {
    SqlBuffer sql = new SqlBuffer().append(columns(""));
    sql.append(" FROM ").append(SqlText.qualified(database, table.name()));
    sql.append(" " + hint + " INDEX (").name(table.keyName()).append(')');
    if (condition.size() > 0) {
      sql.append(" WHERE ").append(condition.toByteArray());
    }
    return sql.append(" ORDER BY ").append(columns(direction)).toByteArray();
  }

  private String columns(String direction) {
    return table.keyColumns().stream()
        .map(column -> SqlText.identifier(column.name()) + direction)
        .collect(Collectors.joining(", "));
  }
}

package dev.shunt.bench.copy;

import dev.shunt.bench.data.DataSet;
import dev.shunt.bench.data.KeyKind;
import dev.shunt.bench.server.ServerOptions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench copy} does.
 *
 * @param servers how servers and tablets are set up
 * @param key of the only table; null for the data set of three tables with integer keys
 * @param rows rows of that table, or of sbtest1; the two wide tables have an eighth of it each
 * @param passes how often each way is measured
 * @param ways beginnings of the names of the ways to measure; empty for all
 * @param directory where everything is put; null for a folder that is removed at the end
 */
public record CopyOptions(
    ServerOptions servers,
    @Nullable KeyKind key,
    long rows,
    int passes,
    List<String> ways,
    @Nullable Path directory) {
  /** Rows of the data set in docs/performance.md. */
  public static final long ROWS = 2_000_000;

  /** Enough for a median. */
  public static final int PASSES = 3;

  public CopyOptions {
    ways = List.copyOf(ways);
    if (passes < 1) {
      throw new IllegalArgumentException("there must be at least one pass, not " + passes);
    }
  }

  DataSet data() {
    return key == null ? DataSet.ofRows(rows) : DataSet.ofKey(key, rows);
  }

  boolean wants(String way) {
    return ways.isEmpty() || ways.stream().anyMatch(way::startsWith);
  }
}

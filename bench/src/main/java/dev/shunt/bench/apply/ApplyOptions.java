package dev.shunt.bench.apply;

import dev.shunt.bench.server.ServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench apply} does.
 *
 * @param servers how servers and tablets are set up
 * @param rows rows of sbtest1 at the beginning
 * @param rate transactions a second that are written; 0 for as many as the writers can
 * @param writers connections that write
 * @param time how long they write
 * @param directory where everything is put; null for a folder that is removed at the end
 */
public record ApplyOptions(
    ServerOptions servers,
    long rows,
    int rate,
    int writers,
    Duration time,
    @Nullable Path directory) {
  /** Fits into the buffer pool. */
  public static final long ROWS = 500_000;

  /** What a busy shop has. */
  public static final int RATE = 1000;

  /** Enough for commits in groups. */
  public static final int WRITERS = 4;

  public ApplyOptions {
    if (rows < 1 || writers < 1 || rate < 0 || !time.isPositive()) {
      throw new IllegalArgumentException(
          "rows, writers and time must be positive, and the rate not negative");
    }
  }
}

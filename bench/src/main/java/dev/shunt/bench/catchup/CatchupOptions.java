package dev.shunt.bench.catchup;

import dev.shunt.bench.server.ServerOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench catchup} does.
 *
 * @param servers how servers and tablets are set up
 * @param rows rows of sbtest1
 * @param transactions transactions of a backlog
 * @param passes how often each way is measured
 * @param directory where everything is put; null for a folder that is removed at the end
 */
public record CatchupOptions(
    ServerOptions servers, long rows, long transactions, int passes, @Nullable Path directory) {
  /** Rows of sbtest1 in docs/performance.md. */
  public static final long ROWS = 2_000_000;

  /** Transactions of a backlog in docs/performance.md. */
  public static final long TRANSACTIONS = 200_000;

  /** Enough for a median. */
  public static final int PASSES = 3;

  public CatchupOptions {
    atLeastOne("rows", rows);
    atLeastOne("transactions", transactions);
    atLeastOne("passes", passes);
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, not " + value);
    }
  }
}

package dev.shunt.bench.idle;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench idle} does.
 *
 * @param command starts the cluster; it prints a line when it serves, and ends on SIGTERM
 * @param settle how long it is left alone before it is measured
 * @param time how long it is measured
 * @param directory where logs are put; null for a folder that is removed at the end
 */
public record IdleOptions(
    List<String> command, Duration settle, Duration time, @Nullable Path directory) {
  /** Compilers and caches are done by then. */
  public static final int SETTLE_SECONDS = 90;

  /** Long enough to see what happens every half minute. */
  public static final int SECONDS = 60;

  public IdleOptions {
    command = List.copyOf(command);
    if (command.isEmpty() || settle.isNegative() || !time.isPositive()) {
      throw new IllegalArgumentException(
          "there must be a command, the time to settle must not be negative, and the time to"
              + " measure must be positive");
    }
  }
}

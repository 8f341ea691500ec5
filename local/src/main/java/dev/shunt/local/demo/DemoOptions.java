package dev.shunt.local.demo;

import dev.shunt.embedded.Engine;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the demo is run.
 *
 * @param scenario what is moved
 * @param rows rows of the largest table, at least 100
 * @param engine databases it runs on
 * @param processes whether every part is a process of its own, and some are killed along the way
 * @param killInPause whether the process that runs the last switch is killed while it holds writes
 *     back; that takes processes
 * @param writers people who buy at the same time, at least 1
 * @param json where the report is written, or null
 * @param directory where data and logs go; null for a temporary folder
 */
public record DemoOptions(
    Scenario scenario,
    long rows,
    Engine engine,
    boolean processes,
    boolean killInPause,
    int writers,
    @Nullable Path json,
    @Nullable Path directory) {
  /** What the demo tells. */
  public enum Scenario {
    /** Tables go from an unsharded keyspace to a sharded one. */
    MOVE,
    /** A keyspace of one shard gets two, four, three and again one. */
    RESHARD
  }

  public DemoOptions {
    if (rows < Shop.LEAST_ORDERS || rows > 100_000_000) {
      throw new IllegalArgumentException("--rows must be 100 to 100000000, not " + rows);
    }
    if (killInPause && !processes) {
      throw new IllegalArgumentException("--kill-in-pause needs --processes");
    }
    if (killInPause && scenario != Scenario.MOVE) {
      throw new IllegalArgumentException("--kill-in-pause is a part of the scenario move");
    }
    if (writers < 1 || writers > 64) {
      throw new IllegalArgumentException("--writers must be 1 to 64, not " + writers);
    }
  }

  /** 200,000 rows on MariaDB in one JVM, four writers. */
  public static DemoOptions defaults() {
    return new DemoOptions(Scenario.MOVE, 200_000, Engine.MARIADB, false, false, 4, null, null);
  }
}

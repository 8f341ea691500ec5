package dev.shunt.bench.switching;

import dev.shunt.embedded.Engine;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench switch} does.
 *
 * @param engine databases, one a shard and one for the source
 * @param tables numbers of tables that are switched, one after the other
 * @param shards numbers of target shards, powers of two up to 16, one after the other
 * @param switches how often each is switched, there and back in turn; an even number
 * @param writers clients that write all the while
 * @param directory where databases are put; null for a folder that is removed at the end
 */
public record SwitchOptions(
    Engine engine,
    List<Integer> tables,
    List<Integer> shards,
    int switches,
    int writers,
    @Nullable Path directory) {
  public static final List<Integer> TABLES = List.of(1, 8, 32);
  public static final List<Integer> SHARDS = List.of(1, 4, 16);
  public static final int SWITCHES = 20;
  public static final int WRITERS = 8;

  private static final int MOST_SHARDS = 16;

  public SwitchOptions {
    tables = List.copyOf(tables);
    shards = List.copyOf(shards);
    if (tables.isEmpty() || tables.stream().anyMatch(count -> count < 1 || count > 1000)) {
      throw new IllegalArgumentException("--tables must be 1 to 1000 each, not " + tables);
    }
    if (shards.isEmpty()
        || shards.stream()
            .anyMatch(count -> count < 1 || count > MOST_SHARDS || Integer.bitCount(count) != 1)) {
      throw new IllegalArgumentException("--shards must be 1, 2, 4, 8 or 16 each, not " + shards);
    }
    if (switches < 2 || switches % 2 != 0) {
      throw new IllegalArgumentException(
          "--switches must be an even number of at least 2, not " + switches);
    }
    if (writers < 1 || writers > 256) {
      throw new IllegalArgumentException("--writers must be 1 to 256, not " + writers);
    }
  }
}

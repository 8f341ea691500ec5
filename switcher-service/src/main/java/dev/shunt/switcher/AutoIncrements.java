package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.FailedException;
import dev.shunt.tabletclient.Fence;
import io.grpc.Status;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The AUTO_INCREMENT of tables on both sides of a switch. Rows alone don't bring a target's counter
 * to where the source's is: the ids of rows that were deleted or rolled back are behind the last
 * row, and would be given out a second time.
 */
final class AutoIncrements {
  /** A transaction that is in the way has mostly ended when one comes back. */
  private static final int TRIES = 3;

  private final Cluster cluster;
  private final WorkflowView view;
  private final MovedTables tables;
  private final Supplier<Duration> limit;
  private @Nullable Map<String, BigInteger> wanted;

  /**
   * Looks at nothing yet.
   *
   * @param view the workflow whose streams run the way that traffic is to go
   * @param tables the tables that are switched
   * @param limit how long a call may take, asked before each
   */
  AutoIncrements(Cluster cluster, WorkflowView view, MovedTables tables, Supplier<Duration> limit) {
    this.cluster = cluster;
    this.view = view;
    this.tables = tables;
    this.limit = limit;
  }

  /**
   * Reads the sources' counters. They are final once every write of the sources has ended, also
   * while streams still bring what was written.
   */
  void readSources() throws Exception {
    Map<String, BigInteger> largest = new TreeMap<>();
    Parallel.map(view.sources(), this::read)
        .forEach(counters ->
            counters.forEach((table, next) -> largest.merge(table, next, BigInteger::max)));
    wanted = largest;
  }

  /**
   * Raises the targets' counters that are behind those that were read of the sources. A table
   * without a counter on the target is left alone; what was raised is not lowered when the switch
   * is taken back, which only leaves ids out.
   *
   * @return the tables that were raised, for the log
   * @throws FailedException ABORTED when somebody holds a lock on such a table of a target
   */
  String match(Fence fence) throws Exception {
    return match(fence, true);
  }

  /**
   * Reads the sources' counters and raises the targets' as {@link #match(Fence)} does, while writes
   * go on, but leaves those out that somebody uses, as streams do while they bring changes.
   */
  String matchWhatIsFree(Fence fence) throws Exception {
    readSources();
    return match(fence, false);
  }

  private String match(Fence fence, boolean all) throws Exception {
    Map<String, BigInteger> least = wanted;
    if (least == null) {
      throw new IllegalStateException("the sources' counters are read first");
    }
    if (least.isEmpty()) {
      return "";
    }
    List<Set<String>> raised =
        Parallel.map(view.targets(), target -> raise(target, least, fence, all));
    return raised.stream()
        .flatMap(Set::stream)
        .distinct()
        .map(table -> table + "=" + least.get(table))
        .collect(Collectors.joining(" "));
  }

  private Set<String> raise(
      ShardPrimary target, Map<String, BigInteger> atLeast, Fence fence, boolean all)
      throws Exception {
    Set<String> raised = new TreeSet<>();
    read(target)
        .forEach((table, next) -> {
          BigInteger least = atLeast.get(table);
          if (least == null || next.compareTo(least) >= 0) {
            return;
          }
          boolean done = false;
          for (int tries = 0; !done && tries < TRIES; tries++) {
            done = raise(target, table, least, fence);
          }
          if (done) {
            raised.add(table);
          } else if (all) {
            throw new FailedException(
                Status.Code.ABORTED,
                ("table %s on %s, or one that refers to it, is used by an open transaction, so that"
                        + " its AUTO_INCREMENT can't be raised to %s: end the transaction and"
                        + " switch again")
                    .formatted(table, target.name(), least));
          }
        });
    return raised;
  }

  /** Returns false when somebody uses the table. */
  private boolean raise(ShardPrimary target, String table, BigInteger least, Fence fence) {
    return cluster.control(target).within(limit.get()).withFence(fence).raiseNextId(table, least);
  }

  /** The next value of each table that has a counter. */
  private Map<String, BigInteger> read(ShardPrimary shard) throws Exception {
    return cluster.control(shard).within(limit.get()).nextIds(tables.names());
  }
}

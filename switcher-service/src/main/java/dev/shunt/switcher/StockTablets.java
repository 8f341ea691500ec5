package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.Parallel;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which tablets of a switch are stock vttablets. Those take one statement a call, know no fences,
 * and a stream of theirs that runs when it meets a journal follows it by itself to the shards that
 * the journal names: it is gone then, and others stand in its place.
 */
final class StockTablets {
  private final Cluster cluster;
  private final WorkflowView view;
  private final Set<String> found = ConcurrentHashMap.newKeySet();

  /** Knows of none before {@link #probe()}. */
  StockTablets(Cluster cluster, WorkflowView view) {
    this.cluster = cluster;
    this.view = view;
  }

  /** Asks the primaries of all sources and targets. */
  void probe() throws Exception {
    List<ShardPrimary> all = new ArrayList<>(view.sources());
    all.addAll(view.targets());
    Parallel.each(
        all,
        shard -> {
          if (cluster.control(shard).runsTransactions()) {
            found.remove(shard.name());
          } else {
            found.add(shard.name());
          }
        });
  }

  /** Whether the shard's primary is one. */
  boolean contains(ShardPrimary shard) {
    return found.contains(shard.name());
  }

  /** Whether any tablet is one. */
  boolean any() {
    return !found.isEmpty();
  }

  /** Whether the primary of any source is one. */
  boolean anySource() {
    return view.sources().stream().anyMatch(this::contains);
  }
}

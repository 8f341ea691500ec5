package dev.shunt.switcher;

import dev.shunt.saga.Parallel;
import dev.shunt.saga.world.Cluster;
import dev.shunt.saga.world.ShardPrimary;
import dev.shunt.saga.world.WorkflowView;
import dev.shunt.tabletclient.TabletException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which tablets of a switch are stock vttablets. Those take one statement a call, know no fences,
 * and a stream of theirs that runs when it meets a journal follows it by itself to the shards that
 * the journal names: it is gone then, and others stand in its place.
 */
final class StockTablets {
  private static final String NOTHING = "select id from _vt.vreplication where id=0";

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
          if (runsTransactions(shard)) {
            found.remove(shard.name());
          } else {
            found.add(shard.name());
          }
        });
  }

  private boolean runsTransactions(ShardPrimary shard) {
    try {
      var unused = cluster.client(shard).vReplicationTransaction(List.of(NOTHING, NOTHING));
      return true;
    } catch (TabletException e) {
      if (takesOneStatement(e)) {
        return false;
      }
      throw e;
    }
  }

  /** Two harmless queries are refused for being two: with this code, or as a syntax error. */
  private static boolean takesOneStatement(TabletException e) {
    return switch (e.code()) {
      case INVALID_ARGUMENT -> true;
      case UNKNOWN ->
          String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("syntax error");
      default -> false;
    };
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

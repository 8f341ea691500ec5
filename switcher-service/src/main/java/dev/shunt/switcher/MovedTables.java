package dev.shunt.switcher;

import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.WorkflowView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names of the tables that a switch moves; where it is all of a keyspace, asked of a source once.
 */
final class MovedTables {
  private final Cluster cluster;
  private final WorkflowView view;
  private volatile @Nullable List<String> asked;

  MovedTables(Cluster cluster, WorkflowView view) {
    this.cluster = cluster;
    this.view = view;
  }

  /** The names; where they are patterns the first call may take as long as a call to a tablet. */
  List<String> names() throws Exception {
    List<String> known = asked;
    if (known == null) {
      known = cluster.tables(view);
      asked = known;
    }
    return known;
  }
}

package dev.shunt.copy.creating;

import dev.shunt.cluster.Claims;
import dev.shunt.cluster.Cluster;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.routing.DeniedTables;
import dev.shunt.workflow.routing.TableRouting;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Refuses to move tables that somebody else has. Two workflows on one table would each take the
 * other's denial of it for their own: one could open a side that the other has switched away from.
 */
final class Conflicts {
  private final Cluster cluster;
  private final TableMigration move;
  private final String workflow;

  Conflicts(Cluster cluster, TableMigration move, String workflow) {
    this.cluster = cluster;
    this.move = move;
    this.workflow = workflow;
  }

  /** Refuses when another workflow, a routing rule or a denial of the source stands against it. */
  void refuse() throws Exception {
    otherWorkflows();
    rules();
    for (ShardPrimary source : cluster.servingPrimaries(move.source())) {
      denied(source);
    }
  }

  private void otherWorkflows() throws Exception {
    Map<String, Set<String>> claims = cluster.claims(move, workflow).streams();
    if (!claims.isEmpty()) {
      throw Refusal.failedPrecondition(
              "other workflows have table(s) of this move: %s; complete or cancel them first",
              Claims.text(claims))
          .exception();
    }
  }

  private void rules() {
    Map<String, Set<String>> elsewhere =
        TableRouting.elsewhere(cluster.topo().routingRules().value(), move, Set.of(move.source()));
    if (!elsewhere.isEmpty()) {
      throw Refusal.failedPrecondition(
              "routing rules send table(s) of this move elsewhere than to %s: %s; move them from"
                  + " where they are, or correct the rules",
              move.source(), Claims.text(elsewhere))
          .exception();
    }
  }

  private void denied(ShardPrimary source) {
    Set<String> denied = new TreeSet<>(DeniedTables.of(source.record()));
    denied.retainAll(Set.copyOf(move.tables()));
    if (!denied.isEmpty()) {
      throw Refusal.failedPrecondition(
              "%s denies table(s) of this move: %s; their writes were switched away from there, or"
                  + " never switched to it",
              source.name(), String.join(", ", denied))
          .exception();
    }
  }

  /** Tables of the move that other workflows write on the target. */
  Set<String> claimed() throws Exception {
    return cluster.claims(move, workflow).writers().keySet();
  }

  /**
   * Looks again, when the streams stand: whoever created others meanwhile sees them, or is seen.
   */
  String stillNone() throws Exception {
    refuse();
    return "none";
  }
}

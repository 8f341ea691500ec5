package dev.shunt.copy.ending;

import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.workflow.migration.ShardMigration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** What a person has to know when a workflow ends. */
final class Beware {
  private static final int MOST_TABLES = 20;

  private Beware() {}

  /**
   * Of the end of a workflow whose traffic is switched.
   *
   * @param known what source and target are known to differ in
   */
  static List<String> ofComplete(
      MoveTablesComplete command, WorkflowView view, Optional<String> known) {
    List<String> beware = new ArrayList<>();
    boolean drops = !command.keepData() && !command.renameTables();
    if (view.migration() instanceof ShardMigration shards) {
      known.ifPresent(text ->
          beware.add(
              text
                  + (drops
                          ? "; the shards %s that are deleted may hold the only right rows"
                          : "; look at that before you delete the shards %s")
                      .formatted(shards.sourceShards())));
      return beware;
    }
    known.ifPresent(text ->
        beware.add(
            text
                + (drops
                        ? "; the tables that are dropped from %s may hold the only right rows"
                        : "; look at that before you drop the tables that stay in %s")
                    .formatted(view.sourceKeyspace())));
    if (command.keepData()) {
      beware.add(denied(view.sources(), view.sourceKeyspace(), view.tables()));
    }
    return beware;
  }

  /**
   * Of the cancellation of a workflow whose writes are not switched.
   *
   * @param deniedTables tables that the workflow keeps from being served on the target
   * @param known what source and target are known to differ in
   */
  static List<String> ofCancel(
      WorkflowDelete command,
      WorkflowView view,
      Collection<String> deniedTables,
      Optional<String> known) {
    List<String> beware = new ArrayList<>();
    if (view.migration() instanceof ShardMigration shards) {
      known.ifPresent(beware::add);
      if (!command.keepData()) {
        beware.add(
            "shards %s are deleted from the topology, with the records of their tablets"
                .formatted(shards.targetShards()));
      }
      return beware;
    }
    known.ifPresent(text ->
        beware.add(
            text
                + (command.keepData()
                        ? "; look at that before you drop the tables that stay in %s"
                        : "; what only the tables had that are dropped from %s is gone")
                    .formatted(view.keyspace())));
    if (command.keepData() && !deniedTables.isEmpty()) {
      beware.add(denied(view.targets(), view.keyspace(), deniedTables));
    }
    return beware;
  }

  /**
   * Of the cancellation of the way back.
   *
   * @param known what source and target are known to differ in
   */
  static List<String> ofCancelOfReverse(WorkflowView view, Optional<String> known) {
    List<String> beware = new ArrayList<>();
    beware.add(
        "with %s the way back is gone: from now on writes to %s don't reach %s any more, and traffic"
                .formatted(view.workflow(), view.sourceKeyspace(), view.keyspace())
            + " can't be reversed");
    known.ifPresent(beware::add);
    return beware;
  }

  /** That tables stay denied, and the way to lift it, as in Vitess. */
  private static String denied(
      List<ShardPrimary> shards, String keyspace, Collection<String> tables) {
    List<String> names = List.copyOf(new TreeSet<>(tables));
    String listed =
        names.size() <= MOST_TABLES
            ? String.join(",", names)
            : "TABLES (the %d of the workflow)".formatted(names.size());
    List<String> commands =
        shards.stream()
            .map(shard ->
                "shunt setshardtabletcontrol --denied-tables=%s --remove %s/%s primary"
                    .formatted(listed, keyspace, shard.shard()))
            .toList();
    return "the tables that stay in %s are not served there, so that nobody writes to the old ones by"
            .formatted(keyspace)
        + " mistake; to have them served: "
        + String.join(" && ", commands);
  }
}

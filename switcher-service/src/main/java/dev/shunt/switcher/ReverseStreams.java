package dev.shunt.switcher;

import binlogdata.Binlogdata.Journal;
import dev.shunt.cluster.NewStream;
import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.streams.Journals;
import dev.shunt.workflow.streams.StreamPlanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import vschema.Vschema;

/**
 * Words what a switch writes on the source primaries: for each stream one that runs the other way,
 * stopped, from the target's position behind the catch-up; and the journal.
 */
final class ReverseStreams {
  private final WorkflowView view;
  private final SwitchableMigration migration;
  private final Vschema.Keyspace sourceVschema;
  private final List<String> migrated;

  /**
   * @param sourceVschema VSchema of the source keyspace
   * @param migrated workflows whose streams the switch brings along, as the journal has them
   */
  ReverseStreams(WorkflowView view, Vschema.Keyspace sourceVschema, List<String> migrated) {
    this.view = view;
    this.migration = view.switchable(Prechecks.SWITCH);
    this.sourceVschema = sourceVschema;
    this.migrated = List.copyOf(migrated);
  }

  /**
   * Words everything once, so that what can't be worded is refused before anything has changed.
   *
   * @throws dev.shunt.workflow.RefusedException for instance when the source's VSchema lacks a
   *     table
   */
  void rehearse() {
    for (ShardPrimary source : view.sources()) {
      var unused = streams(source, Map.of(), 0);
      var unusedToo = journal("", Map.of());
    }
  }

  /** All reverse streams of one source shard. */
  List<NewStream> streams(
      ShardPrimary source, Map<String, String> targetPositions, long nowSeconds) {
    return view.streamsFrom(source).stream()
        .map(stream ->
            new NewStream(
                StreamPlanner.reverse(
                    migration, stream.source(), stream.target().shard(), sourceVschema),
                targetPositions.getOrDefault(stream.target().shard(), ""),
                cells(source, stream.target()),
                view.head(),
                nowSeconds))
        .toList();
  }

  /** The workflow's cells; where they name the target's cell only, the source's in its place. */
  private String cells(ShardPrimary source, ShardPrimary target) {
    List<String> cells = new ArrayList<>(List.of(view.head().getCells().split(",", -1)));
    String here = source.tablet().getAlias().getCell();
    int position = cells.indexOf(target.tablet().getAlias().getCell());
    if (position >= 0 && !cells.contains(here)) {
      cells.set(position, here);
    }
    return String.join(",", cells);
  }

  /** The journal of one source shard, whose last write is at this position. */
  Journal journal(String localPosition, Map<String, String> targetPositions) {
    return Journals.of(
        view.migrationId(),
        migration,
        view.sources().stream().map(ShardPrimary::shard).toList(),
        localPosition,
        targetPositions,
        migrated);
  }
}

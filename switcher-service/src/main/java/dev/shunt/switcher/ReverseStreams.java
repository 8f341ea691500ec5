package dev.shunt.switcher;

import dev.shunt.saga.world.ShardPrimary;
import dev.shunt.saga.world.StreamView;
import dev.shunt.saga.world.WorkflowView;
import dev.shunt.workflow.sql.SqlNames;
import dev.shunt.workflow.streams.Journals;
import dev.shunt.workflow.streams.StreamPlanner;
import dev.shunt.workflow.streams.TextProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.TabletSelectionPreference;
import vschema.Vschema;

/**
 * Words what a switch writes on the source primaries: for each stream one that runs the other way,
 * stopped, from the target's position behind the catch-up; and the journal.
 */
final class ReverseStreams {
  private static final String COLUMNS =
      "workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, time_updated,"
          + " transaction_timestamp, state, message, db_name, workflow_type, workflow_sub_type,"
          + " defer_secondary_keys, options";

  private final WorkflowView view;
  private final Vschema.Keyspace sourceVschema;

  ReverseStreams(WorkflowView view, Vschema.Keyspace sourceVschema) {
    this.view = view;
    this.sourceVschema = sourceVschema;
  }

  /**
   * Words everything once, so that what can't be worded is refused before anything has changed.
   *
   * @throws dev.shunt.workflow.RefusedException for instance when the source's VSchema lacks a
   *     table
   */
  void rehearse() {
    for (ShardPrimary source : view.sources()) {
      String unused = insert(source, Map.of(), "", 0) + journal(source, 0, "", Map.of());
    }
  }

  /** INSERT of all reverse streams of one source shard. */
  String insert(
      ShardPrimary source, Map<String, String> targetPositions, String message, long nowSeconds) {
    return "insert into _vt.vreplication (%s) values %s"
        .formatted(
            COLUMNS,
            view.streamsFrom(source).stream()
                .map(stream -> row(source, stream, targetPositions, message, nowSeconds))
                .collect(Collectors.joining(", ")));
  }

  private String row(
      ShardPrimary source,
      StreamView stream,
      Map<String, String> targetPositions,
      String message,
      long nowSeconds) {
    ReadVReplicationWorkflowResponse head = view.head();
    String from =
        TextProto.print(
            StreamPlanner.reverse(
                view.move(), stream.source(), stream.target().shard(), sourceVschema));
    String options = head.getOptions().isEmpty() ? "{}" : head.getOptions();
    return "(%s)"
        .formatted(
            String.join(
                ", ",
                SqlNames.literal(view.reverseName()),
                SqlNames.literal(from),
                SqlNames.literal(targetPositions.getOrDefault(stream.target().shard(), "")),
                Long.toString(Long.MAX_VALUE),
                Long.toString(Long.MAX_VALUE),
                SqlNames.literal(cells(source, stream.target())),
                SqlNames.literal(tabletTypes(head)),
                Long.toString(nowSeconds),
                "0",
                "'Stopped'",
                SqlNames.literal(message),
                SqlNames.literal(source.database()),
                Integer.toString(head.getWorkflowTypeValue()),
                Integer.toString(head.getWorkflowSubTypeValue()),
                head.getDeferSecondaryKeys() ? "1" : "0",
                SqlNames.literal(options)));
  }

  /** The workflow's cells; where they name the target's cell only, the source's in its place. */
  private String cells(ShardPrimary source, ShardPrimary target) {
    List<String> cells = new ArrayList<>(List.of(view.head().getCells().split(",", -1)));
    String here = source.tablet().getAlias().getCell();
    int there = cells.indexOf(target.tablet().getAlias().getCell());
    if (there >= 0 && !cells.contains(here)) {
      cells.set(there, here);
    }
    return String.join(",", cells);
  }

  private static String tabletTypes(ReadVReplicationWorkflowResponse head) {
    String types =
        head.getTabletTypesList().stream()
            .map(type -> type.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
    boolean inOrder = head.getTabletSelectionPreference() == TabletSelectionPreference.INORDER;
    return inOrder ? "in_order:" + types : types;
  }

  /**
   * INSERT of the journal of one source shard.
   *
   * @param key under which it stands; its id is the migration's
   */
  String journal(
      ShardPrimary source, long key, String localPosition, Map<String, String> targetPositions) {
    long id = view.migrationId();
    return "insert into _vt.resharding_journal (id, db_name, val) values (%d, %s, %s)"
        .formatted(
            key,
            SqlNames.literal(source.database()),
            SqlNames.literal(
                TextProto.print(
                    Journals.ofTables(
                        id,
                        view.move(),
                        view.sources().stream().map(ShardPrimary::shard).toList(),
                        localPosition,
                        targetPositions))));
  }
}

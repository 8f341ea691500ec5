package dev.shunt.switcher;

import dev.shunt.cluster.ShardPrimary;
import dev.shunt.cluster.WorkflowView;
import dev.shunt.saga.Details;
import dev.shunt.saga.RunHistory;
import dev.shunt.workflow.WorkflowNames;
import dev.shunt.workflow.migration.SwitchableMigration;
import dev.shunt.workflow.plan.SwitchAction;
import java.util.List;
import java.util.Optional;

/**
 * What a later run must know to take a pause back, so that it need not ask a target: the detail of
 * the step that begins it.
 *
 * @param source keyspace that denies writes
 * @param target keyspace that writes were to go to
 * @param workflow whose streams run that way
 * @param tables tables that are switched
 * @param sourceShards shards that deny them
 * @param targetShards shards whose streams are stopped
 * @param migrationId id of the journals that decide it
 */
record Pause(
    String source,
    String target,
    String workflow,
    List<String> tables,
    List<String> sourceShards,
    List<String> targetShards,
    long migrationId) {
  Pause {
    tables = List.copyOf(tables);
    sourceShards = List.copyOf(sourceShards);
    targetShards = List.copyOf(targetShards);
  }

  /**
   * The pause of a switch.
   *
   * @param view whose streams run the way writes are to go
   * @param migration what is switched
   */
  static Pause of(WorkflowView view, SwitchableMigration migration) {
    MigrationDetail detail = MigrationDetail.of(migration);
    return new Pause(
        detail.source(),
        detail.target(),
        view.workflow(),
        detail.tables(),
        view.sources().stream().map(ShardPrimary::shard).toList(),
        view.targets().stream().map(ShardPrimary::shard).toList(),
        view.migrationId());
  }

  /** The last pause that an earlier run began; empty when none did, or older versions of it. */
  static Optional<Pause> lastOf(RunHistory history) {
    return history.starts(SwitchAction.DENY_SOURCE_WRITES).stream()
        .filter(text -> text.startsWith("{"))
        .reduce((first, second) -> second)
        .map(Pause::parse);
  }

  /** As the detail of a step. */
  String text() {
    return Details.text(this);
  }

  /** Reads {@link #text} back; IllegalArgumentException when it is something else. */
  static Pause parse(String text) {
    return Details.values(text, Pause.class);
  }

  /** What was to be switched. */
  SwitchableMigration migration() {
    return new MigrationDetail(source, target, tables, sourceShards, targetShards).migration();
  }

  String reverseName() {
    return WorkflowNames.reverse(workflow);
  }
}

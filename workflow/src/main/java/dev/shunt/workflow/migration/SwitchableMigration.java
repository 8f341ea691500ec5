package dev.shunt.workflow.migration;

/** A migration behind which traffic is switched from source to target, and back. */
public sealed interface SwitchableMigration extends Migration
    permits TableMigration, ShardMigration {
  /** Whether its traffic is sent by routing rules, which may be kept behind its end. */
  boolean isRouted();

  /** The same on its way back. */
  SwitchableMigration reversed();
}

package dev.shunt.workflow.migration;

import dev.shunt.workflow.Refusal;
import dev.shunt.workflow.RefusedException;

/** What a workflow moves, and from where to where. */
public sealed interface Migration permits SwitchableMigration, Materialization, OtherMigration {
  /** Keyspace that its streams read. */
  String source();

  /** Keyspace that its streams write. */
  String target();

  /** What it is, in words for refusals and statuses, for instance {@code MoveTables}. */
  String kind();

  /**
   * The migration as one whose traffic is switched and which ends by completing or cancelling.
   *
   * @param command what was to be done, for the refusal
   * @param workflow its workflow, for the refusal
   * @throws RefusedException UNIMPLEMENTED when that can't be done with migrations of its kind
   */
  default SwitchableMigration switchable(String command, String workflow) {
    if (this instanceof SwitchableMigration switchable) {
      return switchable;
    }
    throw Refusal.of(
            Refusal.Code.UNIMPLEMENTED,
            "cannot %s workflow %s.%s: it is a %s, which Shunt does not do yet; do it with the tool"
                + " that created it",
            command,
            target(),
            workflow,
            kind())
        .exception();
  }
}

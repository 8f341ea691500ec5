package dev.shunt.cli.workflows;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code movetables --workflow W --target-keyspace K ACTION}. */
@Command(
    name = "movetables",
    description = "Moves tables to another keyspace.",
    subcommands = {
      MoveTablesCreateVerb.class,
      ShowVerb.class,
      StatusVerb.class,
      SwitchVerb.Forward.class,
      SwitchVerb.Backward.class,
      CompleteVerb.class,
      CancelVerb.class,
      StartStopVerb.Start.class,
      StartStopVerb.Stop.class
    })
public final class MoveTables implements OfWorkflow {
  /** Which workflow. */
  @Mixin public Target target = new Target();

  @Override
  public Target target() {
    return target;
  }
}

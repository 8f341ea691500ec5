package dev.shunt.cli.workflows;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code reshard --workflow W --target-keyspace K ACTION}. */
@Command(
    name = "reshard",
    description = "Moves the rows of shards to other shards of their keyspace.",
    subcommands = {
      ReshardCreateVerb.class,
      ShowVerb.class,
      StatusVerb.class,
      SwitchVerb.Forward.class,
      SwitchVerb.Backward.class,
      CompleteVerb.class,
      CancelVerb.class,
      StartStopVerb.Start.class,
      StartStopVerb.Stop.class
    })
public final class Reshard implements OfWorkflow {
  /** Which workflow. */
  @Mixin public Target target = new Target();

  @Override
  public Target target() {
    return target;
  }
}

package dev.shunt.cli.workflows;

import dev.shunt.cli.vtctld.Format;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Flags that name a workflow by its target; taken before or after the action. */
public final class Target {
  /** The workflow. */
  @Option(
      names = {"-w", "--workflow"},
      scope = ScopeType.INHERIT,
      defaultValue = "",
      description = "The workflow.")
  public String workflow = "";

  /** Its target keyspace. */
  @Option(
      names = "--target-keyspace",
      scope = ScopeType.INHERIT,
      defaultValue = "",
      description = "Keyspace that the workflow copies into.")
  public String keyspace = "";

  /** How the answer is printed. */
  @Option(
      names = "--format",
      scope = ScopeType.INHERIT,
      defaultValue = "text",
      description = "text or json (default: ${DEFAULT-VALUE}).")
  public Format format = Format.TEXT;
}

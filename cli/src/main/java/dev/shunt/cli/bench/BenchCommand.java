package dev.shunt.cli.bench;

import picocli.CommandLine.Command;

/** {@code bench}: measures the data plane on servers that it starts. */
@Command(
    name = "bench",
    description = {
      "Measures how fast tables are copied and changes applied, beside what databases bring along;"
          + " what a cluster takes that nobody asks for anything, and how fast commands and reports"
          + " go through it, and how long they wait for another instance.",
      "Starts servers and tablets of its own, each as a process, and removes them at the"
          + " end; every result is compared with its source. Keep the machine quiet meanwhile: CPU"
          + " seconds of other processes are shown as 'others'.",
      "docs/performance.md says what the rows mean."
    },
    subcommands = {
      CopyVerb.class,
      CatchupVerb.class,
      ApplyVerb.class,
      IdleVerb.class,
      EventsVerb.class,
      TakeoverVerb.class,
      SwitchVerb.class
    },
    synopsisSubcommandLabel = "COMMAND")
public final class BenchCommand {}

package dev.shunt.cli.local;

import dev.shunt.embedded.Engine;
import dev.shunt.local.demo.DemoOptions;
import dev.shunt.local.demo.DemoOptions.Scenario;
import dev.shunt.local.demo.DemoRunner;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: a shop whose tables move while it is open. */
@Command(
    name = "demo",
    description = {
      "Moves the tables of a shop between real databases while people buy in it, switches its"
          + " traffic to and fro, compares every row and replays the audit log.",
      "Ends with 0 only if nothing is lost, nothing differs and the replay is equal."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--scenario",
      paramLabel = "move|reshard",
      description = {
        "move: tables go from an unsharded keyspace to a sharded one, back, and there again.",
        "reshard: a keyspace of one shard gets two, four, three and again one, while streams of"
            + " other workflows write and read it."
      })
  Scenario scenario = DemoOptions.defaults().scenario();

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "Rows of the largest table (${DEFAULT-VALUE}).")
  long rows = DemoOptions.defaults().rows();

  @Option(
      names = "--engine",
      paramLabel = "mariadb|mysql",
      description = "Databases to run on (${DEFAULT-VALUE}).")
  Engine engine = DemoOptions.defaults().engine();

  @Option(
      names = "--processes",
      description = "Run every part as a process of its own, and kill some along the way.")
  boolean processes;

  @Option(
      names = "--kill-in-pause",
      description =
          "With --processes: kill the process that runs the last switch while it holds writes"
              + " back. The write gap of that switch is then some seconds: until another process"
              + " takes over.")
  boolean killInPause;

  @Option(
      names = "--writers",
      paramLabel = "N",
      description = "People who buy at the same time (${DEFAULT-VALUE}).")
  int writers = DemoOptions.defaults().writers();

  @Option(names = "--json", paramLabel = "FILE", description = "Write what was found there.")
  @Nullable Path json;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Keep data and logs there; without it they go when it ends.")
  @Nullable Path dataDir;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return DemoRunner.run(
        new DemoOptions(scenario, rows, engine, processes, killInPause, writers, json, dataDir),
        new PrintStream(System.out, true, StandardCharsets.UTF_8),
        Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false));
  }
}

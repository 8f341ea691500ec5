package dev.shunt.cli.bench;

import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.switching.SwitchBench;
import dev.shunt.bench.switching.SwitchOptions;
import dev.shunt.bench.switching.SwitchReport;
import dev.shunt.embedded.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench switch}. */
@Command(
    name = "switch",
    description = {
      "Measures how long writes wait while traffic of tables is switched between real databases,"
          + " there and back, under clients that write all the while.",
      "Ends with an error when an acknowledged write is not there at the end, or there twice."
    })
final class SwitchVerb implements Callable<Integer> {
  @Option(
      names = "--engine",
      paramLabel = "mariadb|mysql",
      description = "Databases to run on (${DEFAULT-VALUE}).")
  private Engine engine = Engine.MARIADB;

  @Option(
      names = "--tables",
      paramLabel = "N",
      split = ",",
      description = "Numbers of tables, one after the other (1,8,32).")
  private List<Integer> tables = SwitchOptions.TABLES;

  @Option(
      names = "--shards",
      paramLabel = "N",
      split = ",",
      description = "Numbers of target shards, one after the other (1,4,16).")
  private List<Integer> shards = SwitchOptions.SHARDS;

  @Option(
      names = "--switches",
      paramLabel = "N",
      description = "Switches of each (${DEFAULT-VALUE}).")
  private int switches = SwitchOptions.SWITCHES;

  @Option(
      names = "--writers",
      paramLabel = "N",
      description = "Clients that write (${DEFAULT-VALUE}).")
  private int writers = SwitchOptions.WRITERS;

  @Mixin private final ReportFile reportFile = new ReportFile();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Put databases and logs there and leave them; without it they go when it ends.")
  private @Nullable Path dataDir;

  @Override
  public Integer call() throws Exception {
    Narrator narrator = BenchOptions.narrator();
    SwitchReport report =
        SwitchBench.run(
            new SwitchOptions(engine, tables, shards, switches, writers, dataDir), narrator);
    narrator.print(report.summary());
    reportFile.write(report);
    return 0;
  }
}

package dev.shunt.cli.bench;

import dev.shunt.bench.apply.ApplyBench;
import dev.shunt.bench.apply.ApplyOptions;
import dev.shunt.bench.apply.ApplyReport;
import dev.shunt.bench.measure.Narrator;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench apply}. */
@Command(
    name = "apply",
    description = {
      "Writes to the source of a running stream for a while (60 %% updates, 20 %% inserts, 20 %%"
          + " deletes, one row a transaction) and measures how long a committed change takes to be"
          + " seen on the target.",
      "Ends with 0 only if source and target are equal at the end."
    })
final class ApplyVerb implements Callable<Integer> {
  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Transactions a second; 0 writes as many as the writers can, so that the stream falls"
              + " behind (${DEFAULT-VALUE}).")
  private int rate = ApplyOptions.RATE;

  @Option(
      names = "--writers",
      paramLabel = "N",
      description = "Connections that write (${DEFAULT-VALUE}).")
  private int writers = ApplyOptions.WRITERS;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long they write (${DEFAULT-VALUE}).")
  private int seconds = 30;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "Rows of the table at the beginning (${DEFAULT-VALUE}).")
  private long rows = ApplyOptions.ROWS;

  @Override
  public Integer call() throws Exception {
    Narrator narrator = BenchOptions.narrator();
    ApplyReport report =
        ApplyBench.run(
            new ApplyOptions(
                options.servers(),
                rows,
                rate,
                writers,
                Duration.ofSeconds(seconds),
                options.dataDir),
            narrator);
    narrator.print(report.summary());
    options.write(report);
    return 0;
  }
}

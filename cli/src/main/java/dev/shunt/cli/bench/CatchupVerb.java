package dev.shunt.cli.bench;

import dev.shunt.bench.catchup.CatchupBench;
import dev.shunt.bench.catchup.CatchupOptions;
import dev.shunt.bench.catchup.CatchupReport;
import dev.shunt.bench.measure.Narrator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench catchup}. */
@Command(
    name = "catchup",
    description = {
      "Writes a backlog of single-row updates and lets it be applied: by native replication with 1"
          + " and with 4 workers, by a stream of Shunt's that stands in the middle of its copy, and"
          + " by one that was running.",
      "Prints the medians. Ends with 0 only if all servers are equal after each backlog."
    })
final class CatchupVerb implements Callable<Integer> {
  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--transactions",
      paramLabel = "N",
      description = "Transactions of a backlog, one random row each (${DEFAULT-VALUE}).")
  private long transactions = CatchupOptions.TRANSACTIONS;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "Rows of the table that is changed (${DEFAULT-VALUE}).")
  private long rows = CatchupOptions.ROWS;

  @Option(
      names = "--passes",
      paramLabel = "N",
      description = "How often each way is measured (${DEFAULT-VALUE}).")
  private int passes = CatchupOptions.PASSES;

  @Override
  public Integer call() throws Exception {
    Narrator narrator = BenchOptions.narrator();
    CatchupReport report =
        CatchupBench.run(
            new CatchupOptions(options.servers(), rows, transactions, passes, options.dataDir),
            narrator);
    narrator.print(report.summary());
    options.write(report);
    return 0;
  }
}

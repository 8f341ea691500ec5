package dev.shunt.cli.bench;

import dev.shunt.bench.events.TakeoverBench;
import dev.shunt.bench.events.TakeoverOptions;
import dev.shunt.bench.events.TakeoverReport;
import dev.shunt.bench.measure.Narrator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench takeover}. */
@Command(
    name = "takeover",
    description = {
      "Measures how long commands wait for their outcome when the instance of workflow-state that"
          + " admits them is killed: with another one beside it, and started anew, with its state"
          + " and without.",
      "Needs no database. Each instance is a process of its own."
    })
final class TakeoverVerb implements Callable<Integer> {
  @Option(
      names = "--workflows",
      paramLabel = "N",
      description = "Workflows whose state is taken over (${DEFAULT-VALUE}).")
  private int workflows = TakeoverOptions.WORKFLOWS;

  @Option(
      names = "--kills",
      paramLabel = "N",
      description = "How often each kind is measured (${DEFAULT-VALUE}).")
  private int kills = TakeoverOptions.KILLS;

  @Option(
      names = "--settle",
      paramLabel = "SECONDS",
      description =
          "How long an instance that begins beside another one has to take copies"
              + " (${DEFAULT-VALUE}).")
  private long settle = TakeoverOptions.SETTLE.toSeconds();

  @Option(
      names = "--longest",
      paramLabel = "SECONDS",
      description = "How long one takeover may last (${DEFAULT-VALUE}).")
  private long longest = TakeoverOptions.LONGEST.toSeconds();

  @Mixin private final ReportFile reportFile = new ReportFile();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Put Kafka's logs and the logs of the instances there and leave them; without it they go"
              + " when it ends.")
  private @Nullable Path dataDir;

  @Override
  public Integer call() throws Exception {
    Narrator narrator = BenchOptions.narrator();
    TakeoverReport report =
        TakeoverBench.run(
            new TakeoverOptions(
                workflows,
                TakeoverOptions.STREAMS,
                kills,
                Duration.ofSeconds(settle),
                Duration.ofSeconds(longest),
                dataDir),
            narrator);
    narrator.print(report.summary());
    reportFile.write(report);
    return 0;
  }
}

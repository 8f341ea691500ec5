package dev.shunt.cli.bench;

import dev.shunt.bench.events.EventsBench;
import dev.shunt.bench.events.EventsOptions;
import dev.shunt.bench.events.EventsReport;
import dev.shunt.bench.measure.Narrator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench events}. */
@Command(
    name = "events",
    description = {
      "Measures how long a command takes until its outcome is in the status, how many commands and"
          + " stream reports a second go through, and the replay of the logs beside a consumer that"
          + " only reads them.",
      "Needs no database: the service that carries the commands out has nothing to do. Every stream"
          + " must end with the status that was reported last."
    })
final class EventsVerb implements Callable<Integer> {
  @Option(
      names = "--reports",
      paramLabel = "N",
      description = "Stream reports of one flood (${DEFAULT-VALUE}).")
  private int reports = EventsOptions.REPORTS;

  @Option(
      names = "--workflows",
      paramLabel = "N",
      description = "Workflows whose streams are reported (${DEFAULT-VALUE}).")
  private int workflows = EventsOptions.WORKFLOWS;

  @Option(
      names = "--commands",
      paramLabel = "N",
      description = "Commands whose latency is measured (${DEFAULT-VALUE}).")
  private int commands = EventsOptions.COMMANDS;

  @Option(
      names = "--burst",
      paramLabel = "N",
      description = "Commands that are sent at once (${DEFAULT-VALUE}).")
  private int burst = EventsOptions.BURST;

  @Option(
      names = "--longest",
      paramLabel = "SECONDS",
      description = "How long one measurement may take (${DEFAULT-VALUE}).")
  private long longest = EventsOptions.LONGEST.toSeconds();

  @Mixin private final ReportFile reportFile = new ReportFile();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Put Kafka's logs there and leave them; without it they go when it ends.")
  private @Nullable Path dataDir;

  @Override
  public Integer call() throws Exception {
    Narrator narrator = BenchOptions.narrator();
    EventsReport report =
        EventsBench.run(
            new EventsOptions(
                workflows,
                EventsOptions.STREAMS,
                reports,
                commands,
                burst,
                Duration.ofSeconds(longest),
                dataDir),
            narrator);
    narrator.print(report.summary());
    reportFile.write(report);
    return 0;
  }
}

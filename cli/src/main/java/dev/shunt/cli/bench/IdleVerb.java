package dev.shunt.cli.bench;

import dev.shunt.bench.idle.IdleBench;
import dev.shunt.bench.idle.IdleOptions;
import dev.shunt.bench.idle.IdleReport;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.embedded.Engine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench idle}. */
@Command(
    name = "idle",
    description = {
      "Starts 'shunt up' with the tables of the demo's shop, leaves it alone, and measures what its"
          + " processes take of a core and of memory.",
      "Prints what each process takes, and the busiest threads of the services."
    })
final class IdleVerb implements Callable<Integer> {
  @Option(
      names = "--engine",
      paramLabel = "mariadb|mysql",
      description = "Databases to start (${DEFAULT-VALUE}).")
  private Engine engine = Engine.MARIADB;

  @Option(
      names = "--shop",
      paramLabel = "ROWS",
      description = "Orders of the shop (${DEFAULT-VALUE}).")
  private long shop = 1000;

  @Option(
      names = "--settle",
      paramLabel = "SECONDS",
      description = "How long it is left alone before it is measured (${DEFAULT-VALUE}).")
  private int settle = IdleOptions.SETTLE_SECONDS;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long it is measured (${DEFAULT-VALUE}).")
  private int seconds = IdleOptions.SECONDS;

  @Mixin private final ReportFile reportFile = new ReportFile();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Put the log there and leave it; without it it goes when it ends.")
  private @Nullable Path dataDir;

  @Override
  public Integer call() throws Exception {
    Narrator narrator = BenchOptions.narrator();
    IdleReport report =
        IdleBench.run(
            new IdleOptions(
                List.of(
                    Path.of(System.getProperty("shunt.home"), "shunt").toString(),
                    "up",
                    "--engine",
                    engine.name().toLowerCase(Locale.ROOT),
                    "--shop",
                    Long.toString(shop)),
                Duration.ofSeconds(settle),
                Duration.ofSeconds(seconds),
                dataDir),
            narrator);
    narrator.print(report.summary());
    reportFile.write(report);
    return 0;
  }
}

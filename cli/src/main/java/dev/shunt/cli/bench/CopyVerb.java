package dev.shunt.cli.bench;

import dev.shunt.bench.copy.CopyBench;
import dev.shunt.bench.copy.CopyOptions;
import dev.shunt.bench.copy.CopyReport;
import dev.shunt.bench.data.KeyKind;
import dev.shunt.bench.measure.Narrator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench copy}. */
@Command(
    name = "copy",
    description = {
      "Copies three tables from one server to another: by Shunt's online copy, by LOAD DATA of"
          + " files that are ready (1 and 2 streams, secondary keys kept and deferred), by"
          + " mysqldump into mysql, and by mydumper and myloader where they are installed"
          + " (deploy/tools/get-mydumper.sh).",
      "Prints the medians. Ends with 0 only if every copy is equal to its source."
    })
final class CopyVerb implements Callable<Integer> {
  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--key",
      paramLabel = "KIND",
      description =
          "Instead of the three tables one like sbtest1 with another primary key:"
              + " ${COMPLETION-CANDIDATES}. 1,000,000 rows are about 210 MB.")
  private @Nullable KeyKind key;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description =
          "Rows of table sbtest1 (${DEFAULT-VALUE}, about 510 MB with the other two, which have an"
              + " eighth of it each).")
  private long rows = CopyOptions.ROWS;

  @Option(
      names = "--passes",
      paramLabel = "N",
      description =
          "How often each way is measured, every second time in the opposite order"
              + " (${DEFAULT-VALUE}).")
  private int passes = CopyOptions.PASSES;

  @Option(
      names = "--ways",
      paramLabel = "NAME",
      split = ",",
      description =
          "Measure only ways whose names begin so, for instance load_data_2,shunt; without it all.")
  private List<String> ways = List.of();

  @Override
  public Integer call() throws Exception {
    Narrator narrator = BenchOptions.narrator();
    CopyReport report =
        CopyBench.run(
            new CopyOptions(options.servers(), key, rows, passes, ways, options.dataDir), narrator);
    narrator.print(report.summary());
    options.write(report);
    return 0;
  }
}

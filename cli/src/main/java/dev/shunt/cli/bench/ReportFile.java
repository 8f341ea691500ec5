package dev.shunt.cli.bench;

import dev.shunt.bench.measure.JsonFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the figures of a benchmark are written, if anywhere. */
final class ReportFile {
  @Option(names = "--json", paramLabel = "FILE", description = "Write every figure there.")
  private @Nullable Path json;

  void write(Record report) throws IOException {
    if (json != null) {
      JsonFile.write(report, json);
    }
  }
}

package dev.shunt.cli.bench;

import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.server.BenchEngine;
import dev.shunt.bench.server.ServerOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that all benchmarks have. */
final class BenchOptions {
  @Option(
      names = "--engine",
      paramLabel = "mysql|mariadb",
      description =
          "Database servers to start (${DEFAULT-VALUE}); MySQL is fetched by"
              + " deploy/tools/get-mysql.sh.")
  BenchEngine engine = BenchEngine.MYSQL;

  @Mixin private final ReportFile reportFile = new ReportFile();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "Put servers, files and logs there and leave them; without it they go when it ends. Needs"
              + " about six times the data's size.")
  @Nullable Path dataDir;

  @Option(
      names = "--buffer-pool",
      paramLabel = "MB",
      description = "InnoDB buffer pool of each server (${DEFAULT-VALUE}).")
  int bufferPool = ServerOptions.BUFFER_POOL;

  @Option(
      names = "--tablet-heap",
      paramLabel = "MB",
      description = "Largest heap of each tablet (${DEFAULT-VALUE}).")
  int tabletHeap = ServerOptions.TABLET_HEAP;

  @Option(
      names = "--tablet-java-opts",
      paramLabel = "OPTIONS",
      split = " ",
      description = "Further options of the tablets' JVMs, separated by spaces.")
  List<String> tabletJavaOptions = List.of();

  ServerOptions servers() {
    return new ServerOptions(engine, bufferPool, tabletHeap, tabletJavaOptions);
  }

  static Narrator narrator() {
    return new Narrator(new PrintStream(System.out, true, StandardCharsets.UTF_8));
  }

  void write(Record report) throws IOException {
    reportFile.write(report);
  }
}

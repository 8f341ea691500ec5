package dev.shunt.bench.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.Measurement;
import dev.shunt.bench.measure.Narrator;
import dev.shunt.bench.server.BenchEngine;
import dev.shunt.bench.server.ServerOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small copy in every way that needs nothing fetched, on MariaDB. */
class CopyBenchIT {
  @TempDir Path folder;

  @Test
  void everyWayCopiesAllRows() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();

    CopyReport report =
        CopyBench.run(
            new CopyOptions(
                new ServerOptions(BenchEngine.MARIADB, 64, 256, List.of("-XX:TieredStopAtLevel=1")),
                null,
                2000,
                1,
                List.of("load_data", "mariadb", "shunt"),
                folder),
            new Narrator(new PrintStream(said, true, StandardCharsets.UTF_8)));

    assertThat(report.runs())
        .extracting(Measurement::way)
        .containsExactly(
            "load_data_1_keys_kept",
            "load_data_1_keys_deferred",
            "load_data_2_keys_kept",
            "load_data_2_keys_deferred",
            "mariadb-dump_mariadb",
            "shunt");
    assertThat(report.ratioToBestLoadData()).isPositive();
    Figures shunt = report.medians().get("shunt");
    assertThat(shunt.wallSeconds()).isPositive();
    assertThat(shunt.cpuSeconds().keySet())
        .contains("source_db", "target_db", "source_tablet", "target_tablet", "client");
    assertThat(shunt.memory().get("target_tablet").peakRssMegabytes()).isBetween(30.0, 1024.0);
    assertThat(shunt.memory().get("target_tablet").peakHeapMegabytes()).isBetween(1.0, 256.0);
    assertThat(report.summary()).contains("mariadb-dump_mariadb");
  }
}

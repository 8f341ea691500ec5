package dev.shunt.bench.catchup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.Measurement;
import dev.shunt.bench.server.BenchEngine;
import dev.shunt.bench.server.ServerOptions;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CatchupReportTest {
  @Test
  void comparesMediansWithFourWorkers() {
    CatchupReport report =
        CatchupReport.of(
            new Host(2, "25", "Linux 6", "2026-01-01T00:00:00Z"),
            "9.7.4",
            new CatchupOptions(
                new ServerOptions(BenchEngine.MYSQL, 512, 640, List.of()), 1000, 2000, 3, null),
            List.of(
                run(CatchupReport.NATIVE_4, 8),
                run(CatchupReport.NATIVE_4, 16),
                run(CatchupReport.NATIVE_4, 100),
                run(CatchupReport.NATIVE_1, 20),
                run(CatchupReport.CATCH_UP, 4),
                run(CatchupReport.RUNNING, 10)));

    assertThat(report.speedupOverNative4Workers()).isEqualTo(4);
    assertThat(report.runningSpeedupOverNative4Workers()).isEqualTo(1.6);
    assertThat(report.transactionsPerSecond()).containsEntry(CatchupReport.CATCH_UP, 500.0);
    assertThat(report.summary()).contains("4.00 times as fast", "1.60 times as fast");
  }

  private static Measurement run(String way, double wall) {
    return new Measurement(way, 1, new Figures(wall, new TreeMap<>(), 0, new TreeMap<>()));
  }
}

package dev.shunt.bench.copy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.bench.measure.Figures;
import dev.shunt.bench.measure.Host;
import dev.shunt.bench.measure.JsonFile;
import dev.shunt.bench.measure.Measurement;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyReportTest {
  @TempDir Path folder;

  @Test
  void comparesMediansWithTheBestWayOfLoading() {
    CopyReport report =
        report(
            run("load_data_1_keys_kept", 20),
            run("load_data_2_keys_deferred", 10),
            run("load_data_2_keys_deferred", 30),
            run("load_data_2_keys_deferred", 11),
            run("mysqldump_mysql", 3),
            run("shunt", 14.3));

    assertThat(report.bestLoadData()).isEqualTo("load_data_2_keys_deferred");
    assertThat(report.ratioToBestLoadData()).isEqualTo(1.3);
    assertThat(report.summary()).contains("1.30 times as long as load_data_2_keys_deferred");
  }

  @Test
  void hasNoRatioWithoutSomethingToCompare() {
    assertThat(report(run("shunt", 14)).ratioToBestLoadData()).isNull();
    assertThat(report(run("load_data_1_keys_kept", 14)).ratioToBestLoadData()).isNull();
  }

  @Test
  void writesEveryFigure() throws Exception {
    Path file = folder.resolve("copy.json");
    JsonFile.write(report(run("load_data_1_keys_kept", 10), run("shunt", 20)), file);

    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json.at("/benchmark").asText()).isEqualTo("copy");
    assertThat(json.at("/ratio_to_best_load_data").asDouble()).isEqualTo(2);
    assertThat(json.at("/runs")).hasSize(2);
    assertThat(json.at("/runs/1/way").asText()).isEqualTo("shunt");
    assertThat(json.at("/runs/1/wall_seconds").asDouble()).isEqualTo(20);
    assertThat(json.at("/runs/1/cpu_seconds/target_db").asDouble()).isEqualTo(40);
    assertThat(json.at("/runs/1/memory/target_tablet/peak_rss_megabytes").asDouble())
        .isEqualTo(300);
    assertThat(json.at("/not_measured/mydumper").asText()).isEqualTo("it is not installed");
  }

  private static CopyReport report(Measurement... runs) {
    return CopyReport.of(
        new CopyReport.Subject(
            new Host(2, "25", "Linux 6", "2026-01-01T00:00:00Z"),
            "9.7.4",
            List.of("--sync-binlog=0"),
            Map.of("sbtest1", 100L),
            1000,
            3),
        List.of(runs),
        Map.of("mydumper", "it is not installed"));
  }

  private static Measurement run(String way, double wall) {
    return new Measurement(
        way,
        1,
        new Figures(
            wall,
            new TreeMap<>(Map.of("target_db", 2 * wall)),
            0,
            new TreeMap<>(Map.of("target_tablet", new Figures.Memory(300, 200)))));
  }
}

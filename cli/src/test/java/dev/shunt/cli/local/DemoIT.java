package dev.shunt.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.shunt.embedded.EtcdServer;
import dev.shunt.embedded.SchemaRegistryServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demo on a small shop: the whole way of a workflow, and what a kill may not break. */
class DemoIT {
  @TempDir Path directory;

  private JsonNode demo(String... flags) throws IOException {
    Path json = directory.resolve("out.json");
    List<String> all = new ArrayList<>(List.of(flags));
    all.addAll(List.of("--rows", "2000", "--json", json.toString()));
    all.addAll(List.of("--data-dir", directory.resolve("data").toString()));
    int exitCode = new CommandLine(new DemoCommand()).execute(all.toArray(String[]::new));
    assertThat(exitCode).as("exit code").isZero();
    return new ObjectMapper().readTree(json.toFile());
  }

  private static void nothingIsWrong(JsonNode report) {
    assertThat(report.get("rows_copied").asLong()).isGreaterThanOrEqualTo(2000);
    assertThat(report.get("writes_acknowledged").asLong()).isPositive();
    assertThat(
            List.of(
                report.get("writes_lost").asLong(),
                report.get("writes_duplicated").asLong(),
                report.get("write_errors").asLong(),
                report.get("read_errors").asLong(),
                report.get("vdiff_mismatched_rows").asLong()))
        .as("lost, duplicated, failed writes, failed reads, different rows")
        .containsOnly(0L);
    assertThat(report.get("replay_equal").asBoolean()).isTrue();
    assertThat(report.get("wrong")).isEmpty();
  }

  @Test
  void movesTheShopInOneJvm() throws IOException {
    JsonNode report = demo();

    nothingIsWrong(report);
    assertThat(report.get("longest_write_gap_ms")).hasSize(3);
  }

  /**
   * With thirteen databases beside those of other tests a machine may run out of contexts for I/O.
   */
  @Test
  @EnabledIfSystemProperty(named = "test.full", matches = "true")
  void reshardsTheShopWhileStreamsOfOthersWriteAndReadIt() throws IOException {
    JsonNode report = demo("--scenario", "RESHARD");

    nothingIsWrong(report);
    assertThat(report.get("longest_write_gap_ms")).hasSize(6);
  }

  @Test
  void movesTheShopThoughServicesAreKilledOneOfThemWhileItHoldsWritesBack() throws IOException {
    assumeTrue(EtcdServer.isAvailableOrRequired(), EtcdServer.HINT);
    assumeTrue(SchemaRegistryServer.isAvailableOrRequired(), SchemaRegistryServer.HINT);

    JsonNode report = demo("--processes", "--kill-in-pause");

    nothingIsWrong(report);
    assertThat(report.get("longest_write_gap_ms").get(2).asLong())
        .as("the last switch was held up until another process took over, milliseconds")
        .isBetween(1000L, 60_000L);
  }
}

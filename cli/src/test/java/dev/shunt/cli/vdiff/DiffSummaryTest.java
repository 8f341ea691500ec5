package dev.shunt.cli.vdiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.ByteString;
import dev.shunt.cli.workflows.Target;
import io.vitess.proto.Query;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tabletmanagerdata.Tabletmanagerdata.VDiffResponse;
import vtctldata.Vtctldata;

/** One diff out of what its shards say, by vtctldclient's rules. */
class DiffSummaryTest {
  private static final List<String> COLUMNS =
      List.of(
          "vdiff_state",
          "last_error",
          "table_name",
          "uuid",
          "table_state",
          "table_rows",
          "started_at",
          "rows_compared",
          "completed_at",
          "has_mismatch",
          "report");

  private final Target target = new Target();
  private final Vtctldata.VDiffShowResponse.Builder answer =
      Vtctldata.VDiffShowResponse.newBuilder();

  DiffSummaryTest() {
    target.keyspace = "customer";
    target.workflow = "c2c";
  }

  private static Query.Row row(String... values) {
    Query.Row.Builder row = Query.Row.newBuilder();
    ByteString all = ByteString.EMPTY;
    for (String value : values) {
      ByteString bytes = ByteString.copyFromUtf8(value);
      row.addLengths(bytes.size());
      all = all.concat(bytes);
    }
    return row.setValues(all).build();
  }

  private void shard(String shard, Query.Row... rows) {
    Query.QueryResult.Builder result = Query.QueryResult.newBuilder();
    COLUMNS.forEach(column -> result.addFields(Query.Field.newBuilder().setName(column)));
    result.addAllRows(List.of(rows));
    answer.putTabletResponses(
        shard, VDiffResponse.newBuilder().setVdiffUuid("u").setOutput(result).build());
  }

  private static Query.Row table(String diff, String table, String state) {
    return row(diff, "", table, "u", state, "100", "2026-01-01 00:00:00", "50", "", "0", "");
  }

  private DiffSummary summary() {
    return DiffSummary.of(target, "u", answer.build());
  }

  /** Two shards, with one table each: what the whole diff is. */
  @ParameterizedTest
  @CsvSource({
    // diff of -80, its table, diff of 80-, its table, all of it
    "completed, completed, completed, completed, completed",
    "completed, completed, started, completed, started",
    "COMPLETED, Completed, completed, completed, completed",
    "started, started, completed, completed, started",
    "started, pending, completed, completed, pending",
    "started, pending, started, started, started",
    "error, started, completed, completed, error",
    "started, error, completed, completed, error",
    "stopped, error, error, error, stopped",
    "stopped, started, started, started, stopped",
    "started, unknown, started, completed, unknown",
    "pending, pending, pending, pending, pending",
  })
  void theStateIsThatOfTheShardsTogether(
      String low, String lowTable, String high, String highTable, String state) {
    shard("-80", table(low, "t", lowTable));
    shard("80-", table(high, "t", highTable));

    DiffSummary summary = summary();

    assertThat(summary.state).isEqualTo(state);
    assertThat(summary.ended()).isEqualTo(List.of("completed", "stopped", "error").contains(state));
  }

  @Test
  void nothingIsKnownOfADiffThatNoShardTellsOf() {
    assertThat(summary().state).isEqualTo("unknown");
    assertThat(summary().shards).isEmpty();
    answer.putTabletResponses("-80", VDiffResponse.getDefaultInstance());
    assertThat(summary().shards).isEmpty();
    shard("80-", table("pending", "", ""));
    assertThat(summary().shards).containsExactly("80-");
    assertThat(summary().tables).isEmpty();
    assertThat(summary().state).isEqualTo("unknown");
  }

  @Test
  void timesAreTheFirstBeginningAndTheLastEnd() {
    shard(
        "80-",
        row(
            "completed",
            "",
            "t",
            "u",
            "completed",
            "1",
            "2026-01-01 00:00:05",
            "1",
            "2026-01-01 00:00:09",
            "0",
            ""));
    shard(
        "-80",
        row(
            "completed",
            "",
            "t",
            "u",
            "completed",
            "1",
            "2026-01-01 00:00:03",
            "1",
            "2026-01-01 00:00:07",
            "0",
            ""));
    assertThat(summary().startedAt).isEqualTo("2026-01-01 00:00:03");
    assertThat(summary().completedAt).isEqualTo("2026-01-01 00:00:09");

    shard("c0-", table("started", "t", "started"));

    assertThat(summary().completedAt).isEmpty();
  }

  private static String report(int processed, int matching, int mismatched, int source, int to) {
    return "{\"TableName\":\"t\",\"ProcessedRows\":%d,\"MatchingRows\":%d,\"MismatchedRows\":%d,\"ExtraRowsSource\":%d,\"ExtraRowsTarget\":%d}"
        .formatted(processed, matching, mismatched, source, to);
  }

  @Test
  void countsOfATableAreSummedOverShardsAndItsErrorSticks() {
    shard(
        "-80",
        row("error", "broke", "t", "u", "error", "10", "s", "6", "", "1", report(6, 3, 2, 1, 0)),
        row("error", "broke", "v", "u", "completed", "10", "s", "6", "", "0", ""));
    shard(
        "80-",
        row(
            "completed",
            "",
            "t",
            "u",
            "completed",
            "10",
            "s",
            "9",
            "",
            "0",
            report(9, 9, 0, 0, 4)));

    DiffSummary summary = summary();

    assertThat(summary.errors).isEqualTo(Map.of("-80", "broke"));
    assertThat(summary.mismatch).isTrue();
    assertThat(summary.rowsCompared).isEqualTo(21);
    TableTally tally = summary.tables.get("t");
    assertThat(tally.state).isEqualTo("error");
    assertThat(tally.rowsCompared).isEqualTo(15);
    assertThat(tally.matching).isEqualTo(12);
    assertThat(tally.mismatched).isEqualTo(2);
    assertThat(tally.extraSource).isEqualTo(1);
    assertThat(tally.extraTarget).isEqualTo(4);
    assertThat(tally.mismatch).isTrue();
    assertThat(tally.json(false)).doesNotContainKey("HasMismatch");
    assertThat(tally.json(true)).containsEntry("HasMismatch", true);
    assertThat(summary.tables.get("v").state).isEqualTo("completed");
    assertThat(summary.byShard.get("80-").tables.get("t").state).isEqualTo("completed");
    assertThat(summary.reports.get("t")).containsOnlyKeys("-80", "80-");
  }

  @Test
  void aReportThatIsNoJsonIsToldAsTheServers() {
    shard("-80", row("completed", "", "t", "u", "completed", "1", "s", "1", "", "0", "{broken"));
    assertThatIllegalStateException()
        .isThrownBy(this::summary)
        .withMessage("the server sent a malformed report: {broken");
  }

  @ParameterizedTest
  @CsvSource({
    "started, 0, 100, 0",
    "started, 5, 0, 0",
    "started, 1, 3, 33.33",
    "started, 2, 3, 66.67",
    "started, 9999, 10000, 99.99",
    "started, 99999, 100000, 100.0",
    "started, 200, 100, 100",
    "completed, 0, 0, 100",
    "completed, 5, 100, 100",
  })
  void theShareThatIsComparedIsBetweenNothingAndAll(
      String state, long compared, long rows, double percentage) {
    shard("-80", row(state, "", "t", "u", state, "" + rows, "s", "" + compared, "", "0", ""));
    assertThat(summary().percentage()).isEqualTo(percentage);
  }

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private static String ago(Duration time) {
    return TIME.format(LocalDateTime.ofInstant(Instant.now().minus(time), ZoneOffset.UTC));
  }

  private String eta(String startedAt, int compared) {
    shard(
        "-80",
        row("started", "", "t", "u", "started", "100", startedAt, "" + compared, "", "0", ""));
    return Eta.of(summary());
  }

  @Test
  void theEndIsReckonedFromWhatWasDone() {
    String eta = eta(ago(Duration.ofSeconds(1000)), 50);
    Instant end = LocalDateTime.parse(eta, TIME).toInstant(ZoneOffset.UTC);
    assertThat(Duration.between(Instant.now(), end))
        .isBetween(Duration.ofSeconds(990), Duration.ofSeconds(1060));
    assertThat(eta("", 50)).isEmpty();
    assertThat(eta(ago(Duration.ofSeconds(10)), 0)).isEmpty();
    assertThat(eta(ago(Duration.ofDays(10)), 1)).isEmpty(); // in almost three years
  }

  private String printed(boolean verbose) {
    StringWriter out = new StringWriter();
    new DiffPrinter(new PrintWriter(out), target, verbose).show("u", answer.build());
    return out.toString().replace("\r\n", "\n");
  }

  @Test
  void whatDiffersIsShownWithoutBeingAskedFor() {
    shard(
        "-80",
        row("error", "broke", "t", "u", "error", "10", "s", "6", "", "1", report(6, 3, 2, 1, 0)),
        row(
            "error",
            "broke",
            "v",
            "u",
            "completed",
            "10",
            "s",
            "6",
            "",
            "0",
            report(6, 6, 0, 0, 0)));

    assertThat(printed(false))
        .isEqualTo(
            """

            VDiff Summary for customer.c2c (u)
            State:        error
                          Error: (shard -80) broke
            RowsCompared: 12
            HasMismatch:  true
            StartedAt:    s
            \s
            Table t:
            \tState:            error
            \tProcessedRows:    6
            \tMatchingRows:     3
            \tMismatchedRows:   2
            \tExtraRowsSource:  1
            \s
            Table v:
            \tState:            completed
            \tProcessedRows:    6
            \tMatchingRows:     6
            \s
            Use "--format=json" for more detailed output.

            """);
  }

  @Test
  void progressIsShownWhileItRuns() {
    shard("-80", table("started", "t", "started"));
    assertThat(printed(false)).contains("\nProgress:     50.00%, ETA: ").doesNotContain("Table t");
    assertThat(printed(true)).contains("Table t:");
  }
}

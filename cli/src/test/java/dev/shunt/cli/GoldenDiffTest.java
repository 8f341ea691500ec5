package dev.shunt.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tabletmanagerdata.Tabletmanagerdata.VDiffResponse;
import vtctldata.Vtctldata;

/** Prints diffs as a stock vtctldclient prints them, byte for byte. */
class GoldenDiffTest {
  private static final String DIFF = "VDiff --workflow c2c --target-keyspace customer ";
  private static final String CLEAN = "11111111-1111-1111-1111-111111111111";
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

  private FakeVtctld vtctld;

  @BeforeEach
  void start() throws IOException {
    vtctld = new FakeVtctld();
  }

  @AfterEach
  void stop() {
    vtctld.close();
  }

  private void prints(String golden, String words) {
    FakeVtctld.Run run = vtctld.run(words);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).isEqualTo(Golden.text(golden));
  }

  @Test
  void tellsThatADiffIsScheduled() {
    vtctld.answering(
        "VDiffCreate", Vtctldata.VDiffCreateResponse.newBuilder().setUUID(CLEAN).build());

    prints("vdiff-create", DIFF + "create " + CLEAN);
  }

  @Test
  void printsADiffWithoutDifferences() throws IOException {
    vtctld.answering("VDiffShow", summary("vdiff-show-verbose-json"));

    prints("vdiff-show-json", DIFF + "show last --format json");
    prints("vdiff-show-verbose-json", DIFF + "show last --verbose --format json");
    prints("vdiff-show-verbose-text", DIFF + "show last --verbose");
    String short2 =
        vtctld
            .run(DIFF + "show " + CLEAN)
            .out()
            .replace(CLEAN, "22222222-2222-2222-2222-222222222222")
            .replace("05:49:08", "05:49:11");
    assertThat(short2).isEqualTo(Golden.text("vdiff-show-text"));
  }

  @Test
  void printsADiffWithDifferences() throws IOException {
    vtctld.answering("VDiffShow", summary("vdiff-show-mismatch-json"));

    prints("vdiff-show-mismatch-json", DIFF + "show last --verbose --format json");
  }

  @Test
  void listsDiffs() {
    List<List<String>> rows = new ArrayList<>();
    for (String digit : List.of("4", "3", "2", "1")) {
      rows.add(List.of(CLEAN.replace("1", digit), "c2c", "customer", "0", "completed"));
    }
    vtctld.answering(
        "VDiffShow",
        Vtctldata.VDiffShowResponse.newBuilder()
            .putTabletResponses(
                "0",
                VDiffResponse.newBuilder()
                    .setOutput(
                        table(
                            List.of("vdiff_uuid", "workflow", "keyspace", "shard", "state"), rows))
                    .build())
            .build());

    prints("vdiff-show-all-text", DIFF + "show all");
    prints("vdiff-show-all-json", DIFF + "show all --format json");
  }

  @Test
  void saysThatThereIsNoDiffYet() {
    vtctld.answering(
        "VDiffShow",
        Vtctldata.VDiffShowResponse.newBuilder()
            .putTabletResponses("0", VDiffResponse.getDefaultInstance())
            .build());

    assertThat(vtctld.run(DIFF + "show last").out())
        .isEqualTo("No previous vdiff found for customer.c2c\n");
    assertThat(vtctld.run(DIFF + "show all --format json").out()).isEqualTo("[]\n");
  }

  @Test
  void waitsForTheEndOfADiff() throws IOException {
    vtctld
        .answering("VDiffCreate", Vtctldata.VDiffCreateResponse.newBuilder().setUUID(CLEAN).build())
        .answering("VDiffShow", summary("vdiff-show-verbose-json"));

    prints(
        "vdiff-show-json",
        DIFF + "create " + CLEAN + " --wait --wait-update-interval 10ms --format json");
  }

  /** The answer of a server to which a printed summary belongs. */
  private static Vtctldata.VDiffShowResponse summary(String golden) throws IOException {
    JsonNode tree = new ObjectMapper().readTree(Golden.text(golden));
    List<List<String>> rows = new ArrayList<>();
    for (var table : tree.path("Reports").properties()) {
      JsonNode report = table.getValue().path("0");
      JsonNode state =
          tree.path("ShardSummaries").path("0").path("TableStates").path(table.getKey());
      rows.add(
          List.of(
              "completed",
              "",
              table.getKey(),
              tree.path("UUID").asText(),
              "completed",
              report.path("ProcessedRows").asText(),
              tree.path("StartedAt").asText(),
              report.path("ProcessedRows").asText(),
              tree.path("CompletedAt").asText(),
              state.path("HasMismatch").asBoolean() ? "1" : "0",
              report.toString()));
    }
    return Vtctldata.VDiffShowResponse.newBuilder()
        .putTabletResponses(
            "0",
            VDiffResponse.newBuilder()
                .setVdiffUuid(tree.path("UUID").asText())
                .setOutput(table(COLUMNS, rows))
                .build())
        .build();
  }

  private static Query.QueryResult table(List<String> columns, List<List<String>> rows) {
    Query.QueryResult.Builder table = Query.QueryResult.newBuilder();
    columns.forEach(name ->
        table.addFields(Query.Field.newBuilder().setName(name).setType(Query.Type.VARCHAR)));
    for (List<String> row : rows) {
      Query.Row.Builder packed = Query.Row.newBuilder();
      row.forEach(value -> packed.addLengths(ByteString.copyFromUtf8(value).size()));
      packed.setValues(ByteString.copyFromUtf8(String.join("", row)));
      table.addRows(packed);
    }
    return table.build();
  }
}

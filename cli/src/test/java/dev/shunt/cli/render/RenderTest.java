package dev.shunt.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import vschema.Vschema;
import vtctldata.Vtctldata;

/** Messages, tables and lines as Go's clients print them, at their edges. */
class RenderTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As strconv and encoding/json of Go write them. */
  @ParameterizedTest
  @CsvSource({
    "0.0, 0",
    "1.0, 1",
    "-1.5, -1.5",
    "100.0, 100",
    "1e20, 100000000000000000000",
    "1e21, 1e+21",
    "1.5e21, 1.5e+21",
    "-2.5e300, -2.5e+300",
    "1e-6, 0.000001",
    "9.9e-7, 9.9e-7",
    "1e-7, 1e-7",
    "0.1, 0.1",
    "123456789.125, 123456789.125",
    "NaN, \"NaN\"",
    "Infinity, \"Infinity\"",
    "-Infinity, \"-Infinity\"",
  })
  void fractionsAreWrittenAsGoDoes(double number, String text) {
    assertThat(GoJsonText.number(number)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0.1", "16777216, 16777216", "1e21, 1e+21", "0.000001, 0.000001", "1e-7, 1e-7"})
  void shortFractionsHaveTheirOwnDigits(float number, String text) {
    assertThat(GoJsonText.number(number)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void fractionsAndTextsAreJson(long seed) throws Exception {
    Random random = new Random(seed);
    String letters = "a\"\\\n\r\t\b\f\u0000\u001f\u007f<>&\u2028\u2029é漢\uD83D\uDE80";
    for (int i = 0; i < 500; i++) {
      double number = Double.longBitsToDouble(random.nextLong());
      if (!Double.isNaN(number)) {
        assertThat(JSON.readTree(GoJsonText.number(number)).asDouble()).isEqualTo(number);
      }
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(10); j >= 0; j--) {
        text.appendCodePoint(
            letters.codePointAt(letters.offsetByCodePoints(0, random.nextInt(18))));
      }
      StringBuilder out = new StringBuilder();
      boolean html = random.nextBoolean();
      GoJsonText.append(out, text.toString(), html);
      assertThat(JSON.readTree(out.toString()).asText()).isEqualTo(text.toString());
      assertThat(out.toString().matches("(?s).*[\u0000-\u001f].*")).isFalse();
      assertThat(html && out.toString().matches("(?s).*[<>&\u2028].*")).isFalse();
    }
  }

  @Test
  void aMessageHasItsFieldsInTheWayOfProtojson() {
    Topodata.Tablet tablet =
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(-1))
            .putPortMap("vt", 1)
            .putPortMap("grpc", 2)
            .setType(Topodata.TabletType.RDONLY)
            .build();
    String compact = GoJson.compact(tablet);

    assertThat(compact)
        .isEqualTo(
            """
            {
              "alias": {
                "cell": "zone1",
                "uid": 4294967295
              },
              "port_map": {
                "grpc": 2,
                "vt": 1
              },
              "type": "RDONLY"
            }\
            """);
    assertThat(GoJson.message(tablet))
        .contains("\"key_range\": null", "\"tags\": {}", "\"keyspace\": \"\"")
        .contains("\"type\": \"RDONLY\"");
    assertThat(GoJson.plain(tablet)).contains("\"type\": 3").doesNotContain("keyspace");
  }

  @Test
  void numbersOfSixtyFourBitsAreTextsInMessagesAlone() {
    Query.QueryResult result =
        Query.QueryResult.newBuilder()
            .setRowsAffected(-1)
            .addRows(
                Query.Row.newBuilder().addLengths(-1).setValues(ByteString.copyFromUtf8("a<b")))
            .build();
    assertThat(GoJson.compact(result))
        .contains("\"rows_affected\": \"18446744073709551615\"", "\"-1\"", "\"YTxi\"");
    assertThat(GoJson.plain(result))
        .contains("\"rows_affected\": 18446744073709551615")
        .contains("\"lengths\": [\n        -1\n      ]");
  }

  @Test
  void whatALaterVersionNamesIsANumber() {
    Topodata.Tablet tablet = Topodata.Tablet.newBuilder().setTypeValue(77).build();
    assertThat(GoJson.compact(tablet)).isEqualTo("{\n  \"type\": 77\n}");
    assertThat(GoJson.compact(Topodata.Tablet.getDefaultInstance())).isEqualTo("{}");
  }

  @Test
  void fieldsThatNewerClientsKnowAreThereUnlessCompact() {
    Topodata.Shard shard =
        Topodata.Shard.newBuilder()
            .addTabletControls(Topodata.Shard.TabletControl.getDefaultInstance())
            .build();
    assertThat(GoJson.message(shard)).contains("\"vtorc_state\": null", "\"allow_reads\": false");
    assertThat(GoJson.compact(shard)).doesNotContain("vtorc_state").doesNotContain("allow_reads");
  }

  @Test
  void plainValuesNestAndKeepTheirOrder() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("b", List.of());
    tree.put("a", Map.of());
    tree.put("n", 7L);
    tree.put("half", 0.5);
    tree.put("yes", true);
    tree.put("<k>", List.of("&", Vschema.Table.newBuilder().setPinned("x").build()));
    assertThat(GoJson.plain(tree))
        .isEqualTo(
            """
            {
              "b": [],
              "a": {},
              "n": 7,
              "half": 0.5,
              "yes": true,
              "\\u003ck\\u003e": [
                "\\u0026",
                {
                  "pinned": "x"
                }
              ]
            }\
            """);
    assertThat(GoJson.plain(Arrays.asList("a", null))).isEqualTo("[\n  \"a\",\n  null\n]");
  }

  /** Of a oneof only what is set is printed, also where all fields are. */
  @Test
  void aChoiceShowsWhatWasChosen() {
    assertThat(GoJson.message(Vtctldata.WorkflowUpdateRequest.getDefaultInstance()))
        .contains("\"keyspace\": \"\"", "\"tablet_request\": null");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void everyLineOfATableIsAsWideAsTheOthers(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      int columns = 1 + random.nextInt(4);
      List<List<String>> rows = new ArrayList<>();
      for (int r = random.nextInt(4); r >= 0; r--) {
        List<String> row = new ArrayList<>();
        for (int c = 0; c < columns; c++) {
          row.add("x".repeat(random.nextInt(6)));
        }
        rows.add(row);
      }
      List<String> lines = Grid.of(rows).lines().toList();
      assertThat(lines).hasSize(2 * rows.size() + 1);
      assertThat(lines).allMatch(line -> line.length() == lines.getFirst().length());
    }
    assertThat(Grid.of(List.of(List.of("id", "n"), List.of("1", "abc"))))
        .isEqualTo(
            """
            +-------+--------+
            |    id |      n |
            +=======+========+
            |     1 |    abc |
            +-------+--------+
            """);
  }

  @Test
  void aTabletIsOneLineOfWords() {
    Topodata.Tablet bare =
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone-1").setUid(-1))
            .build();
    assertThat(TabletLine.of(bare))
        .isEqualTo("zone-1-4294967295 <null> <null> unknown :0 :0 [] <null>");
    Topodata.Tablet full =
        bare.toBuilder()
            .setKeyspace("k")
            .setShard("-80")
            .setType(Topodata.TabletType.PRIMARY)
            .setHostname("h")
            .putPortMap("vt", 1)
            .setMysqlHostname("m")
            .setMysqlPort(3306)
            .putTags("b", "2")
            .putTags("a", "1")
            .setPrimaryTermStartTime(vttime.Vttime.Time.newBuilder().setSeconds(60))
            .build();
    assertThat(TabletLine.of(full))
        .isEqualTo(
            "zone-1-4294967295 k -80 primary h:1 m:3306 [a: \"1\" b: \"2\"] 1970-01-01T00:01:00Z");
  }

  @Test
  void aLineStaysOneWhateverIsInIt() {
    assertThat(OneLine.of("a\nb\r\tc\u0000\u001b[2J\u0085\u2028é\"\\"))
        .isEqualTo("a\\nb\\r\\tc\\u0000\\u001b[2J\\u0085\\u2028é\"\\");
    assertThat(OneLine.of("")).isEmpty();
  }
}

package dev.shunt.tabletclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import binlogdata.Binlogdata.VStreamOptions;
import com.google.protobuf.ByteString;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows as tablets send them, and what travels in them or beside them. */
class ResultsTest {
  private static Query.Field field(String name) {
    return Query.Field.newBuilder().setName(name).build();
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

  @Test
  void aColumnIsFoundByItsNameAndTheFirstOfTwoCounts() {
    Query.QueryResult result =
        Query.QueryResult.newBuilder()
            .addFields(field("a"))
            .addFields(field("b"))
            .addFields(field("a"))
            .addRows(
                Query.Row.newBuilder()
                    .addLengths(-1)
                    .addLengths(2)
                    .addLengths(1)
                    .setValues(ByteString.copyFromUtf8("ä7")))
            .build();

    ResultRow row = ResultRow.of(result).getFirst();

    assertThat(row.bytes("a")).isNull();
    assertThat(row.text("a")).isEmpty();
    assertThat(row.number("a")).isZero();
    assertThat(row.text("b")).isEqualTo("ä");
    assertThat(row.values()).hasSize(3).last().isEqualTo(ByteString.copyFromUtf8("7"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> row.text("A"))
        .withMessageStartingWith("no column A in [");
    assertThatIllegalArgumentException().isThrownBy(() -> row.number("b"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void findingsComeBackAsTheyWere(long seed) {
    Random random = new Random(seed);
    List<String> words = List.of("", "binlog-format", "ä\n", "\u0000", "'; DROP", "x".repeat(300));
    List<ServerFinding> findings = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      findings.add(
          new ServerFinding(
              pick(words, random),
              random.nextBoolean(),
              pick(words, random),
              pick(words, random),
              pick(words, random),
              pick(words, random)));
    }
    assertThat(ServerFinding.of(ServerFinding.toResult(findings))).isEqualTo(findings);
    assertThat(ServerFinding.of(ServerFinding.toResult(List.of()))).isEmpty();
  }

  private static String pick(List<String> words, Random random) {
    return words.get(random.nextInt(words.size()));
  }

  @Test
  void aFindingIsASentenceWithWhatMendsIt() {
    ServerFinding finding = new ServerFinding("x", true, "t", "it is off", "nothing is logged", "");
    assertThat(finding.text()).isEqualTo("it is off: nothing is logged");
    assertThat(new ServerFinding("x", true, "t", "a", "b", "SET c; SET d").text())
        .isEqualTo("a: b [SET c; SET d]");
  }

  @Test
  void theLastKeyTravelsInTheOptionsAndLeavesTheOthers() {
    VStreamOptions others =
        VStreamOptions.newBuilder().putConfigOverrides("a", "b").addInternalTables("t").build();
    for (Query.Row key : List.of(row("7"), row("", "\u0000é"), Query.Row.getDefaultInstance())) {
      VStreamOptions options = RowBound.in(others, key);
      assertThat(options.getConfigOverridesMap()).containsEntry("a", "b");
      assertThat(options.getInternalTablesList()).containsExactly("t");
      assertThat(RowBound.of(options).orElse(Query.Row.getDefaultInstance())).isEqualTo(key);
    }
    assertThat(RowBound.of(others)).isEmpty();
    for (String malformed : List.of("*", "/w==", "CgE")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() ->
              RowBound.of(
                  VStreamOptions.newBuilder()
                      .putConfigOverrides("shunt-until-key", malformed)
                      .build()));
    }
  }

  @Test
  void fieldsOfOursAreThoseOfWhichOneIsMarked() {
    Query.Field stock = Query.Field.newBuilder().setFlags(0x0fff_ffff).build();
    Query.Field ours = Query.Field.newBuilder().setFlags(FieldFlags.GIVEN | 1).build();
    assertThat(FieldFlags.areOurs(List.of())).isFalse();
    assertThat(FieldFlags.areOurs(List.of(stock))).isFalse();
    assertThat(FieldFlags.areOurs(List.of(stock, ours))).isTrue();
    assertThat(FieldFlags.isGiven(stock)).isFalse();
  }
}

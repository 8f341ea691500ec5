package dev.shunt.vdiff.comparing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import binlogdata.Binlogdata.VStreamRowsResponse;
import com.google.protobuf.ByteString;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.TabletStream;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableComparisonTest {
  private static final ReportSettings SHOW_TEN = new ReportSettings(10, 10, false, false, 0);
  private static final TableComparison.Limits NO_LIMITS = new TableComparison.Limits(0, 64L << 20);

  private static final class Rows implements TabletStream<RowPacket> {
    private final Iterator<VStreamRowsResponse> messages;

    Rows(List<VStreamRowsResponse> messages) {
      this.messages = messages.iterator();
    }

    @Override
    public boolean hasNext() {
      return messages.hasNext();
    }

    @Override
    public RowPacket next() {
      return RowPacket.of(messages.next());
    }

    @Override
    public void close() {}
  }

  private static RowSource side(String columns, String key, String... rows) {
    VStreamRowsResponse.Builder header = VStreamRowsResponse.newBuilder().setGtid("MariaDB/0-1-1");
    for (String column : columns.split(" ", -1)) {
      header.addFields(
          Query.Field.newBuilder()
              .setName(column)
              .setType(column.equals("b") ? Query.Type.VARBINARY : Query.Type.VARCHAR));
    }
    for (String column : key.split(" ", -1)) {
      header.addPkfields(Query.Field.newBuilder().setName(column));
    }
    List<VStreamRowsResponse> messages = new ArrayList<>(List.of(header.build()));
    for (String row : rows) {
      messages.add(VStreamRowsResponse.newBuilder().addRows(row(row.split(" ", -1))).build());
    }
    return RowSource.open("side", new Rows(messages));
  }

  private static Query.Row row(@Nullable String... values) {
    Query.Row.Builder row = Query.Row.newBuilder();
    ByteString bytes = ByteString.EMPTY;
    for (String value : values) {
      if ("NULL".equals(value)) {
        row.addLengths(-1);
      } else {
        ByteString one = ByteString.copyFromUtf8(value == null ? "" : value);
        row.addLengths(one.size());
        bytes = bytes.concat(one);
      }
    }
    return row.setValues(bytes).build();
  }

  private static DiffReport compare(RowSource target, RowSource... sources) {
    try {
      return new TableComparison("t", List.of(sources), target, NO_LIMITS, SHOW_TEN)
          .run(rows -> {});
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertCounts(
      DiffReport report, long matching, long mismatched, long extraSource, long extraTarget) {
    assertThat(
            List.of(
                report.matchingRows(),
                report.mismatchedRows(),
                report.extraRowsSource(),
                report.extraRowsTarget()))
        .containsExactly(matching, mismatched, extraSource, extraTarget);
  }

  @Test
  void findsNothingWhereNothingDiffers() {
    assertCounts(
        compare(side("id v", "id", "1 a", "2 b", "3 c"), side("id v", "id", "1 a", "2 b", "3 c")),
        3,
        0,
        0,
        0);
  }

  @Test
  void findsChangedMissingAndAddedRows() {
    DiffReport report =
        compare(side("id v", "id", "1 a", "2 x", "4 d"), side("id v", "id", "1 a", "2 b", "3 c"));
    assertCounts(report, 1, 1, 1, 1);
    assertThat(report.json())
        .isEqualTo(
            "{\"TableName\":\"t\",\"ProcessedRows\":4,\"MatchingRows\":1,\"MismatchedRows\":1,"
                + "\"ExtraRowsSource\":1,\"ExtraRowsTarget\":1,"
                + "\"ExtraRowsSourceSample\":[{\"Row\":{\"id\":\"3\",\"v\":\"c\"}}],"
                + "\"ExtraRowsTargetSample\":[{\"Row\":{\"id\":\"4\",\"v\":\"d\"}}],"
                + "\"MismatchedRowsSample\":[{\"Source\":{\"Row\":{\"id\":\"2\",\"v\":\"b\"}},"
                + "\"Target\":{\"Row\":{\"id\":\"2\",\"v\":\"x\"}}}]}");
  }

  @Test
  void tellsNullFromEmptyAndOneSplitOfBytesFromAnother() {
    assertCounts(compare(side("id v", "id", "1 NULL"), side("id v", "id", "1 ")), 0, 1, 0, 0);
    assertCounts(compare(side("a c", "a c", "x yz"), side("a c", "a c", "xy z")), 0, 0, 1, 1);
  }

  @Test
  void matchesWhateverTheOrderOfRowsAndColumns() {
    assertCounts(
        compare(
            side("id v", "id", "1 a", "2 b", "3 c", "4 d"),
            side("v id", "id", "d 4", "b 2"),
            side("id v", "id", "3 c", "1 a")),
        4,
        0,
        0,
        0);
  }

  @Test
  void countsRepeatedRowsOfATableWithoutKey() {
    assertCounts(
        compare(side("id v", "id v", "1 a", "1 a", "1 a"), side("id v", "id v", "1 a", "1 a")),
        2,
        0,
        0,
        1);
  }

  @Test
  void keepsFewRowsWaitingWhileSourcesHoldDifferentRanges() throws Exception {
    List<String> low = new ArrayList<>();
    List<String> high = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      low.add(i + " v");
      high.add((10_000 + i) + " v");
    }
    List<String> all = new ArrayList<>(low);
    all.addAll(high);
    TableComparison comparison =
        new TableComparison(
            "t",
            List.of(
                side("id v", "id", high.toArray(String[]::new)),
                side("id v", "id", low.toArray(String[]::new))),
            side("id v", "id", all.toArray(String[]::new)),
            NO_LIMITS,
            SHOW_TEN);
    int[] most = {0};
    DiffReport report =
        comparison.run(rows ->
            most[0] =
                Math.max(
                    most[0],
                    comparison.waiting().values().stream().mapToInt(Integer::intValue).sum()));
    assertCounts(report, 4000, 0, 0, 0);
    assertThat(most[0]).isLessThan(10);
  }

  @Test
  void countsRightWhateverIsDamaged() {
    for (long seed = 1; seed <= 50; seed++) {
      Random random = new Random(seed);
      List<String> source = new ArrayList<>();
      List<String> target = new ArrayList<>();
      int[] expected = new int[4];
      for (int i = 0; i < 200; i++) {
        int fate = random.nextInt(20);
        if (fate != 2) {
          source.add(i + " v" + i);
        }
        if (fate == 1) {
          target.add(i + " damaged");
        } else if (fate != 3) {
          target.add(i + " v" + i);
        }
        expected[fate == 1 ? 1 : fate == 2 ? 3 : fate == 3 ? 2 : 0]++;
      }
      Collections.shuffle(source, random);
      int cut = random.nextInt(source.size());
      DiffReport report =
          compare(
              side("id v", "id", target.toArray(String[]::new)),
              side("id v", "id", source.subList(0, cut).toArray(String[]::new)),
              side("id v", "id", source.subList(cut, source.size()).toArray(String[]::new)));
      assertThat(
              List.of(
                  report.matchingRows(),
                  report.mismatchedRows(),
                  report.extraRowsSource(),
                  report.extraRowsTarget()))
          .as("seed %d", seed)
          .containsExactly(
              (long) expected[0], (long) expected[1], (long) expected[2], (long) expected[3]);
    }
  }

  @Test
  void refusesTablesOfDifferentColumns() {
    assertThatThrownBy(() -> compare(side("id v", "id", "1 a"), side("id w", "id", "1 a")))
        .hasMessage("side has no column v");
  }

  @Test
  void endsAtTheLimit() throws Exception {
    DiffReport report =
        new TableComparison(
                "t",
                List.of(side("id v", "id", "1 a", "2 b", "3 c")),
                side("id v", "id", "1 a", "2 b", "3 c"),
                new TableComparison.Limits(2, 64L << 20),
                SHOW_TEN)
            .run(rows -> {});
    assertCounts(report, 2, 0, 0, 0);
  }

  @Test
  void showsBinaryValuesAsHexCutsLongOnesAndWordsAQuery() throws Exception {
    DiffReport report =
        new TableComparison(
                "t",
                List.of(side("id b v", "id", "1 ab " + "x".repeat(60))),
                side("id b v", "id"),
                NO_LIMITS,
                new ReportSettings(10, 10, false, true, 5))
            .run(rows -> {});
    assertThat(report.json())
        .contains("\"b\":\"0x6162\"", "\"v\":\"xxxxx...[TRUNCATED]\"")
        .contains("SELECT id, b, v FROM t WHERE id='1';");
  }

  @Test
  void leavesOutSamplesThatAreTooLargeAndSaysSo() {
    String[] large = new String[5];
    for (int i = 0; i < large.length; i++) {
      large[i] = i + " " + "x".repeat(100 * 1024);
    }
    DiffReport report = compare(side("id v", "id", large), side("id v", "id"));
    assertCounts(report, 0, 0, 0, 5);
    assertThat(report.json().length()).isBetween(200 * 1024, 257 * 1024);
    assertThat(report.json()).endsWith("\"SamplesCut\":true}");
  }
}

package dev.shunt.workflow.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.Phase;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.WorkflowStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KnownDifferencesTest {
  private static final String AT_20 = "1970-01-01T00:00:20Z";

  /** A part of a diff: one table on one shard. */
  private static TableDiff part(
      String table, String shard, long processed, long differ, long source, long target) {
    return new TableDiff(
        shard, table, "completed", processed, processed - differ, differ, source, target, "");
  }

  private static TableDiff pending(String table, String shard) {
    return new TableDiff(shard, table, "pending", 0, 0, 0, 0, 0, "");
  }

  /** A diff that ran from {@code second} times 10 seconds to 10 seconds later. */
  private static DiffStatus diff(String uuid, int second, TableDiff... parts) {
    return limited(uuid, second, 0, parts);
  }

  private static DiffStatus limited(String uuid, int second, long limit, TableDiff... parts) {
    boolean differs =
        List.of(parts).stream()
            .anyMatch(p -> p.mismatchedRows() + p.extraRowsSource() + p.extraRowsTarget() > 0);
    return new DiffStatus(
        uuid,
        "completed",
        second * 10_000L,
        second * 10_000L + 10_000,
        10,
        differs,
        "",
        List.of(parts),
        limit);
  }

  private static DiffStatus running(String uuid, int second, TableDiff... parts) {
    return new DiffStatus(uuid, "started", second * 10_000L, 0, 0, false, "", List.of(parts), 0);
  }

  private static WorkflowStatus with(long createdAt, DiffStatus... diffs) {
    return new WorkflowStatus(
        "customer",
        "c2c",
        1,
        Phase.ACTIVE,
        "MoveTables",
        "commerce",
        List.of("0"),
        List.of("-80", "80-"),
        List.of("a", "b"),
        List.of(),
        List.of(),
        List.of(),
        false,
        null,
        null,
        null,
        List.of(diffs),
        List.of(),
        createdAt,
        0);
  }

  private static Optional<String> text(
      @Nullable WorkflowStatus forward, @Nullable WorkflowStatus reverse) {
    return KnownDifferences.of("commerce", "customer", forward, reverse).text();
  }

  private static Optional<String> after(DiffStatus... diffs) {
    return text(with(1, diffs), null);
  }

  @Test
  void knowsNothingWithoutADiffOrBehindACleanOne() {
    assertThat(text(null, null)).isEmpty();
    assertThat(after()).isEmpty();
    assertThat(after(diff("u1", 1, part("a", "-80", 5, 0, 0, 0)))).isEmpty();
    assertThat(after(running("u1", 1, pending("a", "-80")))).isEmpty();
  }

  @Test
  void namesTablesCountsSidesDiffAndTime() {
    assertThat(
            after(
                diff(
                    "u1",
                    1,
                    part("a", "-80", 5, 1, 0, 0),
                    part("a", "80-", 5, 1, 2, 0),
                    part("b", "-80", 5, 0, 0, 7),
                    part("c", "-80", 5, 0, 0, 0))))
        .hasValue(
            "source and target differ: a (2 rows differ, 2 only in commerce), b (7 only in"
                + " customer), found by diff u1 of "
                + AT_20
                + ", when commerce took the writes");
  }

  @Test
  void namesTheSidesOfADiffOfTheReverse() {
    WorkflowStatus reverse = with(0, diff("u2", 1, part("a", "0", 5, 0, 3, 0)));

    assertThat(text(with(1), reverse))
        .hasValue(
            "source and target differ: a (3 only in customer), found by diff u2 of "
                + AT_20
                + ", when customer took the writes");
  }

  @Test
  void leavesOutDiffsOfAnEarlierWorkflowOfTheName() {
    WorkflowStatus reverse = with(0, diff("u2", 1, part("a", "0", 5, 0, 3, 0)));

    assertThat(text(with(10_001), reverse)).isEmpty();
  }

  @Test
  void forgetsADifferenceThatALaterDiffDidNotFindAgain() {
    DiffStatus found = diff("u1", 1, part("a", "-80", 5, 1, 0, 0), part("b", "-80", 5, 1, 0, 0));

    assertThat(after(found, diff("u2", 3, part("a", "-80", 5, 0, 0, 0))).orElse(""))
        .as("the other table was not compared again")
        .contains("b (1 row differs)")
        .doesNotContain("a (");
    assertThat(
            after(found, diff("u2", 3, part("a", "-80", 5, 0, 0, 0), part("b", "-80", 5, 0, 0, 0))))
        .isEmpty();
    assertThat(
            text(
                with(1, found),
                with(0, diff("u3", 5, part("a", "0", 9, 0, 0, 0), part("b", "0", 9, 0, 0, 0)))))
        .as("a clean diff of the way back")
        .isEmpty();
  }

  @Test
  void keepsADifferenceThatALaterDiffDidNotReach() {
    DiffStatus found = diff("u1", 1, part("a", "-80", 50, 1, 0, 0));

    assertThat(after(found, running("u2", 3, part("a", "80-", 5, 0, 0, 0), pending("a", "-80"))))
        .hasValueSatisfying(text ->
            assertThat(text).contains("a (1 row differs)").endsWith("; diff u2 still runs"));
    assertThat(after(found, limited("u2", 3, 10, part("a", "-80", 10, 0, 0, 0))))
        .as("cut short by its limit")
        .isPresent();
    assertThat(after(found, limited("u2", 3, 60, part("a", "-80", 50, 0, 0, 0))))
        .as("a limit that it did not reach")
        .isEmpty();
  }

  @Test
  void countsWhatADiffFoundThatHasNotEnded() {
    assertThat(after(running("u1", 1, part("a", "-80", 5, 1, 0, 0), pending("b", "-80"))))
        .hasValueSatisfying(text -> assertThat(text).contains("a (1 row differs)"));
  }

  @Test
  void namesNoMoreThanTenTables() {
    List<TableDiff> parts = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      parts.add(part("t%02d".formatted(i), "-80", 5, 1, 0, 0));
    }

    assertThat(after(diff("u1", 1, parts.toArray(TableDiff[]::new))).orElse(""))
        .contains("t09")
        .doesNotContain("t10")
        .endsWith("; and 4 more tables");
  }

  @Test
  void tellsOfADiffWhoseTablesHadNoRoom() {
    DiffStatus bare = new DiffStatus("u1", "completed", 10_000, 20_000, 10, true, "", List.of(), 0);

    assertThat(after(bare).orElse("")).contains("no room to name").contains("u1");
  }
}

package dev.shunt.workflow.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.InFlight;
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
    return DiffStatus.of(uuid, "completed")
        .with(draft -> {
          draft.startedAt = second * 10_000L;
          draft.completedAt = second * 10_000L + 10_000;
          draft.rowsCompared = 10;
          draft.hasMismatch = differs;
          draft.tables = List.of(parts);
          draft.limit = limit;
          draft.parts = parts.length;
        });
  }

  /** A diff of all tables of the workflow. */
  private static DiffStatus ofAll(DiffStatus diff) {
    return diff.with(draft -> draft.allTables = true);
  }

  /** A diff of which the status lists only some of so many parts. */
  private static DiffStatus truncated(DiffStatus diff, int parts) {
    return diff.with(draft -> draft.parts = parts);
  }

  private static DiffStatus withMismatch(DiffStatus diff) {
    return diff.with(draft -> draft.hasMismatch = true);
  }

  /** A diff that its command carries out, or that was left behind without one. */
  private static DiffStatus running(String uuid, int second, TableDiff... parts) {
    return DiffStatus.of(uuid, "started")
        .with(draft -> {
          draft.startedAt = second * 10_000L;
          draft.tables = List.of(parts);
          draft.limit = 0;
          draft.parts = parts.length;
        });
  }

  private static WorkflowStatus with(long createdAt, DiffStatus... diffs) {
    boolean runs = diffs.length > 0 && diffs[diffs.length - 1].state().equals("started");
    return with(createdAt, runs, diffs);
  }

  private static WorkflowStatus with(long createdAt, boolean diffInFlight, DiffStatus... diffs) {
    InFlight diff = InFlight.of("v1", "VDiffCreate", "vdiff", "ann", false, 1);
    return WorkflowStatus.of("customer", "c2c")
        .with(draft -> {
          draft.version = 1;
          draft.phase = Phase.ACTIVE;
          draft.workflowType = "MoveTables";
          draft.sourceKeyspace = "commerce";
          draft.sourceShards = List.of("0");
          draft.targetShards = List.of("-80", "80-");
          draft.tables = List.of("a", "b");
          draft.inFlightDiffs = diffInFlight ? List.of(diff) : List.of();
          draft.diffs = List.of(diffs);
          draft.createdAt = createdAt;
        });
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
    assertThat(after(withMismatch(truncated(diff("u1", 1), 2))).orElse(""))
        .contains("no room to name")
        .contains("u1");
  }

  @Test
  void tellsOfADifferenceInPartsThatHadNoRoom() {
    TableDiff clean = part("b", "-80", 5, 0, 0, 0);

    assertThat(after(withMismatch(truncated(diff("u1", 1, clean), 2))).orElse(""))
        .as("all parts that are listed are clean")
        .contains("no room to name");
    assertThat(after(truncated(diff("u1", 1, part("a", "-80", 5, 1, 0, 0)), 2)).orElse(""))
        .as("all parts that are listed differ, so others may")
        .contains("no room to name", "a (1 row differs)");
    assertThat(after(truncated(diff("u1", 1, part("a", "-80", 5, 1, 0, 0), clean), 3)).orElse(""))
        .as("parts that differ have room before those that do not")
        .contains("a (1 row differs)")
        .doesNotContain("no room to name");
    assertThat(after(truncated(diff("u1", 1, part("a", "-80", 5, 1, 0, 0)), -1)).orElse(""))
        .as("a status from before the parts were counted")
        .contains("a (1 row differs)")
        .doesNotContain("no room to name");
  }

  @Test
  void aDiffOfWhichPartsHadNoRoomShowsNoDifferenceToBeGone() {
    DiffStatus found = diff("u1", 1, part("a", "80-", 5, 1, 0, 0));
    DiffStatus clean = diff("u2", 3, part("a", "-80", 5, 0, 0, 0));

    assertThat(after(found, truncated(clean, 2)).orElse("")).contains("a (1 row differs)");
    assertThat(after(found, truncated(clean, -1)).orElse(""))
        .as("how many parts there are is not known")
        .contains("a (1 row differs)");
  }

  @Test
  void aCleanDiffOfAllTablesShowsTheUnnamedOnesToBeGone() {
    DiffStatus unnamed = withMismatch(truncated(diff("u1", 1), 9));
    DiffStatus clean = diff("u2", 3, part("a", "-80", 50, 0, 0, 0));

    assertThat(after(unnamed, truncated(ofAll(clean), 9))).isEmpty();
    assertThat(after(unnamed, ofAll(diff("u2", 3, part("a", "-80", 5, 1, 0, 0)))).orElse(""))
        .as("what differs is named, so nothing else does")
        .contains("a (1 row differs)")
        .doesNotContain("no room to name");
    assertThat(
            List.of(
                clean,
                ofAll(limited("u2", 3, 50, part("a", "-80", 50, 0, 0, 0))),
                truncated(ofAll(limited("u2", 3, 60, part("a", "-80", 50, 0, 0, 0))), 9),
                ofAll(limited("u2", 3, -1, part("a", "-80", 50, 0, 0, 0))),
                ofAll(diff("u2", 3, part("a", "-80", 50, 0, 0, 0), pending("b", "-80"))),
                ofAll(running("u2", 3, part("a", "-80", 50, 0, 0, 0)))))
        .allSatisfy(
            later -> assertThat(after(unnamed, later).orElse("")).contains("no room to name"));
  }

  @Test
  void aDiffOfWhichNobodyKnowsItsLimitShowsNoDifferenceToBeGone() {
    DiffStatus found = diff("u1", 1, part("a", "-80", 50, 1, 0, 0));

    assertThat(after(found, limited("u2", 3, -1, part("a", "-80", 50, 0, 0, 0))).orElse(""))
        .contains("a (1 row differs)");
  }

  @Test
  void ofTheDiffsOfOneWorkflowTheLastOnItsLogIsTheNewest() {
    DiffStatus found = diff("u1", 5, part("a", "-80", 5, 1, 0, 0));
    DiffStatus cleanByASlowClock = diff("u2", 1, part("a", "-80", 5, 0, 0, 0));

    assertThat(after(found, cleanByASlowClock)).isEmpty();
    assertThat(after(cleanByASlowClock, found)).isPresent();
    assertThat(
            text(
                with(1, found, cleanByASlowClock),
                with(0, diff("u3", 4, part("a", "0", 9, 0, 7, 0)))))
        .as("older than what came before the last one of the other workflow")
        .isEmpty();
    assertThat(
            text(
                with(1, found, cleanByASlowClock),
                with(0, diff("u3", 6, part("a", "0", 9, 0, 7, 0)))))
        .isPresent();
  }

  @Test
  void saysThatADiffRunsAlsoWhereNothingWasFound() {
    DiffStatus run = running("u1", 1, pending("a", "-80"));

    assertThat(after(run)).hasValue("source and target may differ: diff u1 still runs");
    assertThat(text(null, with(1, run)))
        .hasValue("source and target may differ: diff u1 still runs");
    assertThat(text(with(1, false, run), null)).as("it was left behind").isEmpty();
  }

  @Test
  void saysWhatToDo() {
    DiffStatus found = diff("u1", 1, part("a", "-80", 5, 1, 0, 0));
    DiffStatus run = running("u2", 3, pending("a", "-80"));

    assertThat(KnownDifferences.of("commerce", "customer", with(1, found, run), null).remedy())
        .isEqualTo("Mend that and run a diff that finds nothing");
    assertThat(KnownDifferences.of("commerce", "customer", with(1, run), null).remedy())
        .isEqualTo("Wait until that diff has ended");
  }

  /** Which of the two saw the table later is not known. */
  @Test
  void aDiffSaysNothingAgainstWhatOneBesideItFinds() {
    DiffStatus differs = diff("d1", 1, part("a", "-80", 9, 1, 0, 0), part("a", "80-", 9, 0, 0, 0));
    DiffStatus clean =
        ofAll(diff("d2", 2, part("a", "-80", 9, 0, 0, 0), part("a", "80-", 9, 0, 0, 0)));

    assertThat(after(differs, clean)).isEmpty();
    assertThat(after(differs, clean.with(draft -> draft.beside = List.of("d1"))))
        .hasValueSatisfying(text -> assertThat(text).contains("found by diff d1"));
    assertThat(
            after(
                differs,
                clean.with(draft -> draft.beside = List.of("d1")),
                ofAll(diff("d3", 3, part("a", "-80", 9, 0, 0, 0), part("a", "80-", 9, 0, 0, 0)))))
        .isEmpty();
  }

  @Test
  void namesAllDiffsThatRun() {
    WorkflowStatus status =
        with(1, true, running("d1", 1), diff("d2", 2), running("d3", 3))
            .with(draft -> {
              draft.diffs =
                  draft.diffs.stream()
                      .map(diff -> diff.with(own -> own.commandId = "c-" + own.uuid))
                      .toList();
              draft.inFlightDiffs =
                  List.of(
                      InFlight.of("c-d1", "VDiffCreate", "vdiff", "ann", false, 1),
                      InFlight.of("c-d3", "VDiffCreate", "vdiff", "ann", false, 1));
            });

    assertThat(text(status, null)).hasValue("source and target may differ: diff d1, d3 still runs");
  }
}

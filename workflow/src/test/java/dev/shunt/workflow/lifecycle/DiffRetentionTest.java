package dev.shunt.workflow.lifecycle;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.DiffStatus;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.TableDiff;
import dev.shunt.schemas.VDiffFinished;
import dev.shunt.schemas.VDiffStarted;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a status forgets of its diffs, and what that does to the differences that are known. */
class DiffRetentionTest {
  private static final List<String> SHARDS = List.of("-80", "80-");

  /** Diffs of a workflow, one after the other. */
  private static final class Log {
    @Nullable WorkflowStatus status = Given.active();
    private int number;

    /** A diff of some tables to its end; those of which the predicate holds differ. */
    Log diff(List<String> tables, Predicate<String> differs) {
      return diff(tables, false, differs, "");
    }

    Log clean(List<String> tables) {
      return diff(tables, table -> false);
    }

    Log diff(List<String> tables, boolean all, Predicate<String> differs, String report) {
      String id = "v" + ++number;
      String uuid = new UUID(0, number).toString();
      status = Evolver.evolve(status, Given.admitted(Given.diff(id, uuid)));
      status = Evolver.evolve(status, new VDiffStarted(header(id), uuid, tables, SHARDS, 0, all));
      for (String table : tables) {
        long rows = differs.test(table) ? 1 : 0;
        for (String shard : SHARDS) {
          TableDiff result =
              new TableDiff(shard, table, "completed", 9, 9 - rows, rows, 0, 0, report);
          status = Evolver.evolve(status, new VDiffTableFinished(header(id), uuid, result));
        }
      }
      boolean mismatch = tables.stream().anyMatch(differs);
      status =
          Evolver.evolve(status, new VDiffFinished(header(id), uuid, "completed", 9, mismatch, ""));
      status = Evolver.evolve(status, Given.succeeded(id));
      return this;
    }

    private EventHeader header(String id) {
      return new EventHeader("customer", "c2c", id, 2000 + number, "test", 0);
    }

    List<DiffStatus> diffs() {
      return requireNonNull(status).diffs();
    }

    /** Names of the diffs that are kept, by the order in which they were made. */
    List<Integer> kept() {
      return diffs().stream()
          .map(diff -> (int) UUID.fromString(diff.uuid()).getLeastSignificantBits())
          .toList();
    }

    Optional<String> known() {
      return KnownDifferences.of("commerce", "customer", status, null).text();
    }
  }

  private static List<String> tables(int count) {
    return IntStream.range(0, count).mapToObj("t%05d"::formatted).toList();
  }

  /** Tables of which a status has no room for all parts. */
  private static List<String> tooMany() {
    return tables(70).stream().map(table -> table + "x".repeat(10_000)).toList();
  }

  @Test
  void aDifferenceThatWasShownToBeGoneStaysGone() {
    Log log = new Log().diff(List.of("x", "y"), table -> true).clean(List.of("x"));
    for (int i = 0; i < 12; i++) {
      log.clean(List.of("z"));
    }

    assertThat(log.diffs()).hasSize(10);
    assertThat(log.kept()).startsWith(1, 2, 7);
    assertThat(log.known().orElse("")).contains("y (2 rows differ)").doesNotContain("x (");
  }

  @Test
  void whatADiffOfTheReverseShowedToBeGoneStaysGone() {
    Log forward = new Log().diff(List.of("x", "y"), table -> true);
    Log reverse = new Log();
    reverse.number = 1;
    reverse.clean(List.of("x"));
    for (int i = 0; i < 12; i++) {
      reverse.clean(List.of("z"));
    }

    assertThat(
            KnownDifferences.of("commerce", "customer", forward.status, reverse.status)
                .text()
                .orElse(""))
        .contains("y (2 rows differ)")
        .doesNotContain("x (");
  }

  @Test
  void tablesThatAreComparedOneByOneAllCount() {
    List<String> tables = tables(30);
    Log log = new Log();
    for (String table : tables) {
      log.diff(List.of(table), each -> true);
    }
    for (String table : tables.subList(0, 20)) {
      log.clean(List.of(table));
    }

    assertThat(log.known().orElse("")).contains("t00020 (").doesNotContain("t00019 (");
    assertThat(log.diffs()).hasSize(30);
    assertThat(log.diff(tables, true, table -> false, "").known()).isEmpty();
  }

  @Test
  void keepsNoMoreThanSixtyFourAndOfTheseWhatDiffersLongest() {
    Log log = new Log().diff(List.of("x"), table -> true);
    for (String table : tables(80)) {
      log.clean(List.of(table));
    }

    assertThat(log.diffs()).hasSize(64);
    assertThat(log.kept()).startsWith(1, 19);
    assertThat(log.known().orElse("")).contains("x (2 rows differ)");
  }

  @Test
  void aDiffThatRunsIsKeptHoweverManyOthersThereAre() {
    Log log = new Log();
    String running = new UUID(0, 1_000_000).toString();
    log.status = Evolver.evolve(log.status, Given.admitted(Given.diff("running", running)));
    log.status =
        Evolver.evolve(
            log.status,
            new VDiffStarted(log.header("running"), running, List.of("r"), SHARDS, 0, false));
    for (String table : tables(80)) {
      log.diff(List.of(table), each -> true); // all of them say something that nobody else does
    }

    assertThat(log.diffs()).hasSize(64);
    assertThat(log.diffs().getFirst().uuid()).isEqualTo(running);
    assertThat(Diffs.runs(log.diffs().getFirst())).isTrue();
  }

  @Test
  void partsThatDifferHaveRoomBeforeThoseThatDoNot() {
    List<String> tables = tooMany();
    String differs = tables.getLast();
    Log log = new Log().diff(tables, differs::equals);

    DiffStatus diff = log.diffs().getLast();
    assertThat(diff.parts()).isEqualTo(2 * tables.size());
    assertThat(diff.tables()).hasSizeBetween(tables.size(), diff.parts() - 1);
    assertThat(log.known().orElse(""))
        .contains(differs + " (2 rows differ)")
        .doesNotContain("no room to name");
    assertThat(log.clean(List.of(differs)).known()).isEmpty();
  }

  @Test
  void differencesThatHaveNoRoomAreToldUntilADiffOfAllTablesIsClean() {
    List<String> tables = tooMany();
    Log log = new Log().diff(tables, table -> true);

    assertThat(log.known().orElse("")).contains("no room to name");
    log.clean(tables.subList(0, tables.size() - 1));
    assertThat(log.known().orElse("")).contains("no room to name");
    log.diff(tables, true, table -> false, "");
    assertThat(log.known()).isEmpty();
  }

  /** A short name fits where a long one did not, and must not look as if nothing were lost. */
  @Test
  void aCleanTableDoesNotHideThatOneThatDiffersHadNoRoom() {
    List<String> tables = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      tables.add("t%02d".formatted(i) + "x".repeat(10_000 + 100 * i));
    }
    tables.add("a");
    Log log = new Log().diff(tables, table -> !table.equals("a"));

    DiffStatus diff = log.diffs().getLast();
    assertThat(diff.tables()).hasSizeLessThan(140);
    assertThat(log.known().orElse("")).contains("no room to name");
  }

  @Test
  void theTablesOfAnOlderDiffHaveRoomBeforeTheReportsOfANewerOne() {
    List<String> tables = tables(100);
    Log log =
        new Log()
            .diff(tables, table -> table.equals("t00003"))
            .diff(tables(2), false, table -> true, "r".repeat(255 * 1024));

    assertThat(log.diffs().getFirst().tables()).hasSize(200);
    assertThat(log.known().orElse("")).contains("t00003 (2 rows differ)");
    assertThat(log.diffs().getLast().tables())
        .as("reports have the room that is left")
        .anyMatch(part -> !part.report().isEmpty())
        .anyMatch(part -> part.report().isEmpty());
  }

  @Test
  void aDiffThatShowsADifferenceToBeGoneKeepsItsTables() {
    Log log = new Log().diff(List.of("x", "y"), table -> true).clean(List.of("x")).clean(tooMany());

    assertThat(log.known().orElse("")).contains("y (2 rows differ)").doesNotContain("x (");
    List<Integer> parts = new ArrayList<>();
    log.diffs().forEach(diff -> parts.add(diff.tables().size()));
    assertThat(parts.subList(0, 2)).containsExactly(4, 2);
  }
}

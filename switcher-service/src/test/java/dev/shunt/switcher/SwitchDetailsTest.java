package dev.shunt.switcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.shunt.saga.RunHistory;
import dev.shunt.saga.fake.MemoryFolder;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.Event;
import dev.shunt.schemas.EventHeader;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.StepStarted;
import dev.shunt.schemas.StepUndone;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.workflow.RefusedException;
import dev.shunt.workflow.migration.ShardMigration;
import dev.shunt.workflow.migration.TableMigration;
import dev.shunt.workflow.plan.SwitchAction;
import dev.shunt.workflow.routing.TableRouting.ReadType;
import dev.shunt.workflow.routing.TrafficState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run leaves on the log for a later one, what a command asks for, and when all is there. */
class SwitchDetailsTest {
  private static final List<String> NAMES =
      List.of("t", "o'rder", "ä\"b", "c,d", "-80", "80-", "[");

  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private @Nullable Moving moving;

  private static List<String> some(Random random, int least) {
    List<String> names = new ArrayList<>(NAMES);
    java.util.Collections.shuffle(names, random);
    return names.subList(0, least + random.nextInt(names.size() - least));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whatALaterRunMustKnowComesBack(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      Pause pause =
          new Pause(
              "commerce",
              "customer",
              NAMES.get(random.nextInt(NAMES.size())),
              some(random, 0),
              some(random, 0),
              some(random, 0),
              random.nextLong());
      assertThat(Pause.parse(pause.text())).isEqualTo(pause);
      Map<ReadType, Set<String>> cells =
          random.nextBoolean()
              ? Map.of(ReadType.RDONLY, Set.copyOf(some(random, 0)))
              : Map.of(ReadType.RDONLY, Set.of("zone1"), ReadType.REPLICA, Set.of("z1", "z2"));
      ReadsBefore reads =
          new ReadsBefore(new TableMigration("commerce", "customer", some(random, 1)), cells);
      assertThat(ReadsBefore.parse(reads.text())).isEqualTo(reads);
    }
    ReadsBefore none =
        new ReadsBefore(new TableMigration("commerce", "customer", List.of("t")), Map.of());
    assertThat(ReadsBefore.parse(none.text())).isEqualTo(none);
    ReadsBefore shards =
        new ReadsBefore(
            new ShardMigration("customer", List.of("0"), List.of("-80", "80-")),
            Map.of(ReadType.REPLICA, Set.of("zone1")));
    assertThat(ReadsBefore.parse(shards.text())).isEqualTo(shards);
    Pause ofShards =
        new Pause("customer", "customer", "rs", List.of(), List.of("0"), List.of("-80", "80-"), 7);
    assertThat(Pause.parse(ofShards.text()).migration()).isEqualTo(shards.way());
  }

  @Test
  void aPauseIsThatOfItsMigrationAndItsReverseWorkflow() {
    Pause pause =
        new Pause(
            "commerce", "customer", "c2c", List.of("t"), List.of("0"), List.of("-80", "80-"), 7);
    assertThat(pause.migration())
        .isEqualTo(new TableMigration("commerce", "customer", List.of("t")));
    assertThat(pause.reverseName()).isEqualTo("c2c_reverse");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "of an older version",
        "{",
        "[]",
        "{\"source\":\"a\"}",
        "{\"source\":[],\"target\":[\"b\"],\"tables\":[\"t\"],\"types\":[]}",
        "{\"source\":[\"a\"],\"tables\":[\"t\"],\"types\":[]}",
        "{\"source\":[\"a\"],\"target\":[\"b\"],\"tables\":[\"t\"],\"types\":[\"PRIMARY\"]}",
      })
  void whatIsNoDetailIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ReadsBefore.parse(text));
    assertThatIllegalArgumentException().isThrownBy(() -> Pause.parse(text));
  }

  // --- what a command asks for ---------------------------------------------------------------

  private static SwitchTraffic command(Direction way, List<String> types, List<String> cells) {
    return new SwitchTraffic(
        Samples.header("c1"), types, cells, way, 30_000, 30_000, true, false, false);
  }

  private static SwitchRequest request(Direction way, String types, String cells) {
    return SwitchRequest.of(command(way, list(types), list(cells)));
  }

  private static List<String> list(String text) {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource({
    "PRIMARY REPLICA RDONLY, 'REPLICA,RDONLY', true",
    "rdonly replica, 'RDONLY,REPLICA', false",
    "REPLICA replica REPLICA, REPLICA, false",
    "primary PRIMARY, '', true",
    "'', '', false",
  })
  void typesAreReadOnceInTheirOrder(String types, String reads, boolean writes) {
    SwitchRequest request = request(Direction.FORWARD, types, "");

    assertThat(request.reads())
        .extracting(ReadType::name)
        .isEqualTo(reads.isEmpty() ? List.of() : List.of(reads.split(",", -1)));
    assertThat(request.writes()).isEqualTo(writes);
    assertThat(request.timeout()).hasSeconds(30);
  }

  @Test
  void aTypeThatDoesNotServeIsRefused() {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> request(Direction.FORWARD, "PRIMARY SPARE", ""))
        .withMessage("invalid tablet type SPARE: use PRIMARY, REPLICA or RDONLY");
  }

  /** One cell reads from the target, the other from the source. */
  private static final TrafficState HALF =
      new TrafficState(List.of("a"), List.of("b"), List.of(), List.of("a", "b"), false);

  @ParameterizedTest
  @CsvSource({
    "FORWARD, REPLICA, '', false",
    "FORWARD, REPLICA, a, true",
    "FORWARD, REPLICA, b, false",
    "FORWARD, REPLICA, a b, false",
    "FORWARD, RDONLY, a, false",
    "BACKWARD, REPLICA, '', false",
    "BACKWARD, REPLICA, b, true",
    "BACKWARD, RDONLY, '', true",
    "FORWARD, PRIMARY REPLICA, a, false", // writes take all cells along
  })
  void readsAreThereWhereEachCellThatIsAskedForHasThem(
      Direction way, String types, String cells, boolean there) {
    SwitchRequest request = request(way, types, cells);

    assertThat(
            request.reads().stream()
                .allMatch(type -> request.readsAreSwitched(request.elsewhere(HALF, type))))
        .isEqualTo(there);
    assertThat(request.operation())
        .isEqualTo(way == Direction.FORWARD ? "SwitchTraffic" : "ReverseTraffic");
  }

  private static final TrafficState ALL_SWITCHED =
      new TrafficState(List.of("a"), List.of(), List.of("a"), List.of(), true);

  @ParameterizedTest
  @CsvSource({
    // types, journals stand, writes done, leftovers, nothing is to do
    "PRIMARY REPLICA RDONLY, false, true, false, true",
    "PRIMARY, false, false, false, false",
    "PRIMARY, false, true, true, false",
    "PRIMARY, true, true, false, false",
    "REPLICA, true, false, true, true",
  })
  void nothingIsToDoWhereAllIsThereAndNothingStands(
      String types, boolean decided, boolean done, boolean leftovers, boolean stays) {
    SwitchProgress progress =
        new SwitchProgress(
            Moving.MOVE,
            Optional.empty(),
            Optional.empty(),
            decided ? Map.of("0", binlogdata.Binlogdata.Journal.getDefaultInstance()) : Map.of(),
            done,
            leftovers,
            Optional.empty());

    assertThat(progress.stays(request(Direction.FORWARD, types, ""), ALL_SWITCHED))
        .isEqualTo(stays);
    assertThat(progress.decided()).isEqualTo(decided);
    assertThat(progress.closed()).isEqualTo(leftovers);
  }

  @Test
  void positionsAreToldInTheOrderOfTheirShards() {
    assertThat(CatchUp.text(Map.of("80-", "MariaDB/0-1-5", "-80", "MariaDB/0-2-7")))
        .isEqualTo("-80=MariaDB/0-2-7 80-=MariaDB/0-1-5");
    assertThat(CatchUp.text(Map.of())).isEmpty();
  }

  // --- what earlier runs told ----------------------------------------------------------------

  private static EventHeader header(long at, long fence) {
    return new EventHeader("customer", "c2c", "c1", at, "here", fence);
  }

  private static Event started(SwitchAction step, String detail, long at) {
    return new StepStarted(header(at, 5), step.stepName(), detail);
  }

  private static Event finished(SwitchAction step) {
    return new StepFinished(header(1, 5), step.stepName(), "", 0);
  }

  private static Event undone(SwitchAction step) {
    return new StepUndone(header(1, 5), step.stepName(), 0);
  }

  private EarlierRuns earlier(Event... events) {
    if (moving == null) {
      moving = new Moving(folder, List.of("0"), List.of("0"));
    }
    return new EarlierRuns(
        moving.cluster.cluster(),
        command(Direction.FORWARD, List.of("PRIMARY"), List.of()),
        new RunHistory(List.of(events)));
  }

  @Test
  void writesMayWaitFromTheStartOfAPauseUntilItIsTakenBack() {
    Event denied = started(SwitchAction.DENY_SOURCE_WRITES, "{}", 1);
    Event back = undone(SwitchAction.DENY_SOURCE_WRITES);

    assertThat(earlier().writesMayWait()).isFalse();
    assertThat(earlier(denied).writesMayWait()).isTrue();
    assertThat(earlier(denied).inPause()).isTrue();
    assertThat(earlier(denied, back).writesMayWait()).isFalse();
    assertThat(earlier(denied, back, denied).inPause()).isTrue();
    assertThat(earlier(denied, finished(SwitchAction.DENY_SOURCE_WRITES)).inPause()).isTrue();
  }

  @Test
  void writesMayWaitWhileSomethingOfAnotherCommandIsTakenBack() {
    Event began = started(SwitchAction.TAKE_BACK, "", 1);

    assertThat(earlier(began).writesMayWait()).isTrue();
    assertThat(earlier(began).tookBack()).isTrue();
    assertThat(earlier(began).inPause()).isFalse();
    assertThat(earlier(began, finished(SwitchAction.TAKE_BACK)).writesMayWait()).isFalse();
    assertThat(earlier(began, finished(SwitchAction.TAKE_BACK)).tookBack()).isTrue();
  }

  @Test
  void threeInterruptedPausesAreTooMany() {
    Event denied = started(SwitchAction.DENY_SOURCE_WRITES, "{}", 1);
    Event back = undone(SwitchAction.DENY_SOURCE_WRITES);

    assertThat(earlier(denied, back, denied, back).tooManyAttempts()).isFalse();
    assertThat(earlier(denied, back, denied, back, denied).tooManyAttempts()).isTrue();
    assertThat(EarlierRuns.tooMany())
        .hasMessage(
            "the switch was interrupted 3 times before it was decided; it is taken back, traffic"
                + " goes where it went");
  }

  @Test
  void theLastDenialCounts() {
    assertThat(EarlierRuns.lastDenialMillis(new RunHistory(List.of()))).isEmpty();
    assertThat(
            EarlierRuns.lastDenialMillis(
                new RunHistory(
                    List.of(
                        started(SwitchAction.DENY_SOURCE_WRITES, "{}", 100),
                        started(SwitchAction.DENY_SOURCE_WRITES, "{}", 300),
                        started(SwitchAction.STOP_STREAMS, "", 500)))))
        .contains(300L);
  }

  @Test
  void aRunThatBeganNothingHasNothingToTakeBack() throws Exception {
    EarlierRuns none = earlier();
    assertThat(none.any()).isFalse();
    assertThat(none.noted()).isFalse();
    assertThat(none.underWay()).isFalse();
    assertThat(none.overdue().parts()).isEmpty();
    assertThat(none.takingBack().parts()).isEmpty();
    assertThat(earlier(started(SwitchAction.REMEMBER_START, "x", 1)).underWay()).isTrue();
  }

  @Test
  void allThatWasBegunIsTakenBackOfWhatTheLogTells() throws Exception {
    Pause pause =
        new Pause(
            "commerce",
            "customer",
            "c2c",
            List.of("corder", "customer"),
            List.of("0"),
            List.of("0"),
            7);
    ReadsBefore reads = new ReadsBefore(Moving.MOVE, Map.of(ReadType.REPLICA, Set.of("zone1")));
    StoppedStreams stopped = new StoppedStreams("customer", "c2c", Map.of("0", Set.of("1")));
    EarlierRuns earlier =
        earlier(
            started(SwitchAction.SWITCH_READS, reads.text(), 1),
            started(SwitchAction.START_STOPPED_STREAMS, dev.shunt.saga.Details.text(stopped), 2),
            started(SwitchAction.DENY_SOURCE_WRITES, pause.text(), 3));

    assertThat(earlier.takingBack().parts()).hasSize(5);
    assertThat(earlier.overdue().parts()).hasSize(1); // the source, no more
  }
}

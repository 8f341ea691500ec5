package dev.shunt.workflowstate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shunt.schemas.StreamHead;
import dev.shunt.schemas.StreamId;
import dev.shunt.schemas.WorkflowKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GatheringTest {
  private static final long SECOND = Gathering.PROGRESS_EVERY.toNanos();

  /** Monotonic time may be anything, also such that a second later it has turned negative. */
  private static final long START = Long.MAX_VALUE - SECOND / 2;

  private static final int MOST = 50;
  private static final byte[] VALUE = {1, 2, 3};

  private final Gathering gathering = new Gathering(0);
  private long offset;

  @Test
  void aStreamThatIsNewIsDueAtOnce() {
    put("a", 1, "Running", "");

    assertThat(gathering.dueIn(START)).isZero();
    assertThat(take(START)).containsExactly("a:0");
    assertThat(gathering.dueIn(START)).isEqualTo(Long.MAX_VALUE);

    put("a", 2, "Running", "");

    assertThat(gathering.dueIn(START + 1)).isZero();
    assertThat(take(START + 1)).containsExactly("a:1");
  }

  @Test
  void progressIsDueASecondAfterTheWorkflowWasTakenLast() {
    put("a", 1, "Running", "");
    take(START);

    put("a", 1, "Running", "");

    assertThat(gathering.dueIn(START)).isEqualTo(SECOND);
    assertThat(gathering.dueIn(START + SECOND - 1)).isEqualTo(1);
    assertThat(take(START + SECOND - 1)).isEmpty();
    assertThat(gathering.dueIn(START + SECOND)).isZero();
    assertThat(gathering.dueIn(START + SECOND + 5)).isNotPositive();
    assertThat(take(START + SECOND)).containsExactly("a:1");
    put("a", 1, "Running", "");
    assertThat(gathering.dueIn(START + SECOND)).isEqualTo(SECOND);
  }

  @Test
  void progressLongAfterTheLastIsDueAtOnce() {
    put("a", 1, "Running", "");
    take(START);

    put("a", 1, "Running", "");

    assertThat(gathering.dueIn(START + 10 * SECOND)).isNotPositive();
    assertThat(take(START + 10 * SECOND)).containsExactly("a:1");
  }

  @Test
  void anotherStateOrMessageIsDueAtOnce() {
    put("a", 1, "Copying", "");
    take(START);

    put("a", 1, "Running", "");
    assertThat(gathering.dueIn(START + 1)).isZero();
    assertThat(take(START + 1)).containsExactly("a:1");

    put("a", 1, "Running", "slow");
    assertThat(gathering.dueIn(START + 2)).isZero();
    assertThat(take(START + 2)).containsExactly("a:2");
  }

  @Test
  void aStreamThatIsGoneIsDueAtOnceAndSoIsItsReturn() {
    put("a", 1, "Running", "");
    put("a", 2, "Running", "");
    take(START);

    remove("a", 1);
    assertThat(gathering.dueIn(START + 1)).isZero();
    assertThat(take(START + 1)).containsExactly("a:2");

    put("a", 1, "Running", "");
    assertThat(gathering.dueIn(START + 2)).isZero();
    assertThat(take(START + 2)).containsExactly("a:3");
  }

  @Test
  void theLastStreamsEndAndTheNextOnesBeginningAreDueAtOnce() {
    put("a", 1, "Running", "");
    take(START);
    remove("a", 1);
    assertThat(take(START + 1)).containsExactly("a:1");

    put("a", 1, "Running", "");

    assertThat(gathering.dueIn(START + 2)).isZero();
    assertThat(take(START + 2)).containsExactly("a:2");
  }

  @Test
  void theLastReportOfEachStreamWins() {
    put("a", 1, "Running", "");
    put("a", 2, "Running", "");
    put("a", 1, "Running", "");
    remove("a", 2);
    put("a", 3, "Running", "");

    List<Gathering.Due> due = gathering.take(START, MOST, Long.MAX_VALUE);

    assertThat(due).hasSize(1);
    assertThat(due.getFirst().key()).isEqualTo(key("a"));
    assertThat(offsets(due.getFirst())).containsExactlyInAnyOrder(2L, 3L, 4L);
  }

  /** A fold writes the streams of each shard whole. */
  @Test
  void reportsAreTakenOfSoManyShardsAtATime() {
    for (int id = 1; id <= 2; id++) {
      for (int shard = 0; shard < 25; shard++) {
        put("a", "shard-" + shard, id, VALUE);
      }
    }

    List<Set<Long>> taken = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      assertThat(gathering.dueIn(START)).isZero();
      Set<Long> shards = new HashSet<>();
      List<Gathering.Due> due = gathering.take(START, 5, Long.MAX_VALUE);
      due.forEach(one -> offsets(one).forEach(offset -> shards.add(offset % 25)));
      assertThat(due.stream().mapToInt(one -> one.reports().size()).sum())
          .isEqualTo(2 * shards.size());
      taken.add(shards);
    }

    assertThat(taken).extracting(Set::size).containsExactly(10, 10, 5);
    assertThat(taken.stream().flatMap(Set::stream)).doesNotHaveDuplicates();
    assertThat(gathering.dueIn(START)).isEqualTo(Long.MAX_VALUE);
  }

  /** Of a shard there may be many streams that have nothing to report. */
  @Test
  void aBatchHasSoManyShards() {
    for (int id = 1; id <= 2; id++) {
      for (int shard = 0; shard < Gathering.MOST_SHARDS + 4; shard++) {
        put("a", "shard-" + shard, id, VALUE);
      }
      List<Integer> shards = new ArrayList<>();
      while (gathering.dueIn(START) <= 0) {
        for (Gathering.Due due : gathering.take(START, MOST, Long.MAX_VALUE)) {
          shards.add(due.shards());
        }
      }
      assertThat(shards).containsExactly(Gathering.MOST_SHARDS, 4);
    }
  }

  @Test
  void ofLargeShardsFewerAreTakenAtATime() {
    byte[] large = new byte[(int) (Gathering.MOST_REWRITTEN / 4)];
    for (int shard = 0; shard < 5; shard++) {
      put("a", "shard-" + shard, 1, large);
    }
    assertThat(batches()).containsExactly(List.of(0L, 1L, 2L, 3L), List.of(4L));

    // What is known of the other streams counts, whatever is reported.
    for (int shard = 0; shard < 5; shard++) {
      put("a", "shard-" + shard, 2, VALUE);
    }
    assertThat(batches()).containsExactly(List.of(5L, 6L, 7L), List.of(8L, 9L));
  }

  @Test
  void aShardThatIsTooLargeIsTakenByItself() {
    byte[] large = new byte[(int) Gathering.MOST_REWRITTEN + 1];
    put("a", "shard-0", 1, large);
    put("a", "shard-1", 1, VALUE);
    assertThat(batches()).containsExactly(List.of(0L), List.of(1L));

    put("a", "shard-0", 2, VALUE);
    put("a", "shard-1", 2, VALUE);
    assertThat(batches()).containsExactly(List.of(2L), List.of(3L));
  }

  /** However fast reports come in, none waits for long, nor is any shard taken without need. */
  @Test
  void aWorkflowThatIsNeverTakenWholeHasEachShardTakenOnceASecond() {
    int shards = 40;
    Map<String, Integer> taken = new HashMap<>();
    Map<Long, String> shardOf = new HashMap<>();
    long now = START;
    for (int step = 0; step < 400; step++) {
      for (int shard = 0; shard < shards; shard++) {
        shardOf.put(offset, "shard-" + shard);
        put("a", "shard-" + shard, 1, VALUE);
      }
      for (Gathering.Due due : gathering.take(now, 4, Long.MAX_VALUE)) {
        offsets(due).forEach(one -> taken.merge(shardOf.get(one), 1, Integer::sum));
      }
      now += SECOND / 40;
      if (step > 40) {
        assertThat(offset - resumeAt(offset)).isLessThanOrEqualTo(52L * shards);
      }
    }
    assertThat(taken).hasSize(shards);
    assertThat(taken.values()).allMatch(count -> count >= 7 && count <= 10);
  }

  private void put(String workflow, String shard, long id, byte[] value) {
    WorkflowKey key = key(workflow);
    gathering.put(
        key,
        head(key, new StreamId(shard, "zone1-0000000100", id), false, "Running", ""),
        new Gathering.Report(offset++, Optional.empty(), value));
  }

  /** Offsets of what is taken, by batches, time after time until nothing is due. */
  private List<List<Long>> batches() {
    List<List<Long>> all = new ArrayList<>();
    while (gathering.dueIn(START) <= 0) {
      gathering.take(START, MOST, Long.MAX_VALUE).forEach(due -> all.add(offsets(due)));
    }
    return all;
  }

  @Test
  void aStateThatChangesAndChangesBackIsDueAtOnceWithTheLastReport() {
    put("a", 1, "Running", "");
    take(START);

    put("a", 1, "Error", "");
    put("a", 1, "Running", "");
    put("a", 1, "Running", "");

    assertThat(gathering.dueIn(START + 1)).isZero();
    assertThat(take(START + 1)).containsExactly("a:3");
  }

  @Test
  void oneStreamsChangeTakesTheProgressOfTheOthersAlong() {
    put("a", 1, "Running", "");
    put("a", 2, "Running", "");
    take(START);

    put("a", 1, "Running", "");
    put("a", 2, "Error", "");

    assertThat(take(START + 1)).containsExactly("a:2,3");
  }

  @Test
  void workflowsDoNotWaitForEachOther() {
    put("a", 1, "Running", "");
    take(START);
    put("a", 1, "Running", "");

    put("b", 1, "Running", "");

    assertThat(take(START + 1)).containsExactly("b:2");
    assertThat(gathering.dueIn(START + 1)).isEqualTo(SECOND - 1);
    assertThat(take(START + SECOND)).containsExactly("a:1");
  }

  @Test
  void nothingIsDueBeforeItHasCaughtUp() {
    Gathering late = new Gathering(3);
    put(late, "a", 1, "Running", "");
    late.readTo(1);

    assertThat(late.caughtUp()).isFalse();
    assertThat(late.dueIn(START)).isEqualTo(Long.MAX_VALUE);
    assertThat(late.take(START, MOST, Long.MAX_VALUE)).isEmpty();
    assertThat(late.resumeAt()).isEmpty();

    put(late, "a", 1, "Copying", "");
    late.readTo(2);
    assertThat(late.take(START, MOST, Long.MAX_VALUE)).isEmpty();

    late.readTo(3);
    assertThat(late.caughtUp()).isTrue();
    assertThat(late.dueIn(START)).isZero();
    assertThat(late.take(START, MOST, Long.MAX_VALUE)).hasSize(1);
    // However little is read at a time later on.
    late.readTo(0);
    assertThat(late.caughtUp()).isTrue();
  }

  @Test
  void anEmptyPartitionIsCaughtUpFromTheStart() {
    assertThat(new Gathering(0).caughtUp()).isTrue();
    assertThat(new Gathering(1).caughtUp()).isFalse();
  }

  @Test
  void progressIsTakenSoManyWorkflowsAtATimeInTheOrderInWhichItCame() {
    List<String> names = IntStream.range(0, 7).mapToObj(i -> "w" + i).toList();
    names.forEach(name -> put(name, 1, "Running", ""));
    take(START);
    names.reversed().forEach(name -> put(name, 1, "Running", ""));
    names.forEach(name -> put(name, 1, "Running", ""));

    long then = START + SECOND;
    assertThat(keys(gathering.take(then, 3, Long.MAX_VALUE))).containsExactly("w6", "w5", "w4");
    assertThat(gathering.dueIn(then)).isNotPositive();
    put("w6", 1, "Running", "");
    assertThat(keys(gathering.take(then, 3, Long.MAX_VALUE))).containsExactly("w3", "w2", "w1");
    assertThat(keys(gathering.take(then, 3, Long.MAX_VALUE))).containsExactly("w0");
    assertThat(gathering.take(then, 3, Long.MAX_VALUE)).isEmpty();
    assertThat(gathering.dueIn(then)).isEqualTo(SECOND);
    assertThat(keys(gathering.take(then + SECOND, 3, Long.MAX_VALUE))).containsExactly("w6");
  }

  @Test
  void changesAreTakenTwiceAsManyAtATimeInTheOrderInWhichTheyCame() {
    List<String> names = IntStream.range(0, 45).mapToObj(i -> "w" + i).toList();
    names.forEach(name -> put(name, 1, "Running", ""));

    assertThat(keys(gathering.take(START, 10, Long.MAX_VALUE))).isEqualTo(names.subList(0, 20));
    assertThat(gathering.dueIn(START)).isZero();
    assertThat(resumeAt(offset)).isEqualTo(20);
    assertThat(keys(gathering.take(START, 10, Long.MAX_VALUE))).isEqualTo(names.subList(20, 40));
    assertThat(keys(gathering.take(START, 10, Long.MAX_VALUE))).isEqualTo(names.subList(40, 45));
    assertThat(resumeAt(offset)).isEqualTo(45);
  }

  /** Else a transaction with all of them might never be over in time. */
  @Test
  void aWorkflowWithVeryManyReportsIsTakenInPartsAndHoldsUpNoOther() {
    for (int stream = 0; stream < 5; stream++) {
      put("large", stream, "Running", "");
    }
    put("small", 1, "Running", "");

    assertThat(counts(gathering.take(START, 10, 1))).containsExactly("large 1");
    assertThat(resumeAt(offset)).isOne();
    assertThat(counts(gathering.take(START, 10, 1))).containsExactly("small 1");
    int each = gathering.take(START, 10, 1).getFirst().reports().getFirst().value().length;
    assertThat(counts(gathering.take(START, 10, 2L * each))).containsExactly("large 2");
    assertThat(counts(gathering.take(START, 10, Long.MAX_VALUE))).containsExactly("large 1");
    assertThat(resumeAt(offset)).isEqualTo(offset);
    assertThat(gathering.dueIn(START)).isEqualTo(Long.MAX_VALUE);
  }

  private static List<String> counts(List<Gathering.Due> due) {
    return due.stream().map(one -> one.key().workflow() + " " + one.reports().size()).toList();
  }

  @Test
  void muchProgressDoesNotHoldUpAChangeNorManyChangesTheProgress() {
    List<String> quiet = IntStream.range(0, 30).mapToObj(i -> "quiet" + i).toList();
    quiet.forEach(name -> put(name, 1, "Running", ""));
    gathering.take(START, 100, Long.MAX_VALUE);
    quiet.forEach(name -> put(name, 1, "Running", ""));
    for (int i = 0; i < 30; i++) {
      put("changed" + i, 1, "Running", "");
    }

    List<String> taken = keys(gathering.take(START + SECOND, 2, Long.MAX_VALUE));

    assertThat(taken.stream().filter(name -> name.startsWith("quiet"))).hasSize(2);
    assertThat(taken.stream().filter(name -> name.startsWith("changed"))).hasSize(4);
  }

  /** In the middle of its round of progress too: it may be behind the rounds of many others. */
  @Test
  void aChangeDoesNotWaitForTheProgressThatItsWorkflowIsAt() {
    for (int shard = 0; shard < 3; shard++) {
      put("cut", "s" + shard, 1, VALUE);
    }
    gathering.take(START, 100, Long.MAX_VALUE);
    for (int shard = 0; shard < 3; shard++) {
      put("cut", "s" + shard, 1, VALUE);
    }
    IntStream.range(0, 30).forEach(i -> put("quiet" + i, 1, "Running", ""));
    gathering.take(START, 100, Long.MAX_VALUE);
    IntStream.range(0, 30).forEach(i -> put("quiet" + i, 1, "Running", ""));
    assertThat(keys(gathering.take(START + SECOND, 1, Long.MAX_VALUE))).containsExactly("cut");

    put("cut", 1, "Error", "");

    assertThat(keys(gathering.take(START + SECOND, 1, Long.MAX_VALUE))).contains("cut");
  }

  @Test
  void aSuccessorResumesAtTheFirstReportThatWaits() {
    assertThat(resumeAt(17)).isEqualTo(17);
    offset = 20;
    put("a", 1, "Running", "");
    put("b", 1, "Running", "");
    assertThat(resumeAt(22)).isEqualTo(20);
    take(START);
    assertThat(resumeAt(22)).isEqualTo(22);

    put("a", 1, "Running", "");
    put("b", 1, "Error", "");
    put("b", 1, "Running", "");
    assertThat(take(START + 1)).containsExactly("b:24");
    assertThat(resumeAt(25)).isEqualTo(22);
    // The report at 22 is superseded, but what changed since it would not be known without it.
    put("a", 1, "Running", "");
    assertThat(resumeAt(26)).isEqualTo(22);
    take(START + SECOND);
    assertThat(resumeAt(26)).isEqualTo(26);
  }

  /** Without it a successor would not find out that a partition has lost its end. */
  @Test
  void whereASuccessorResumesTheLeaderEpochIsNamed() {
    assertThat(gathering.resumeAt()).isEmpty();
    gathering.readTo(17);
    assertThat(gathering.resumeAt()).isEmpty();
    gathering.readTo(new OffsetAndMetadata(20, Optional.of(3), ""));
    assertThat(gathering.resumeAt()).contains(new OffsetAndMetadata(20, Optional.of(3), ""));

    WorkflowKey key = key("a");
    gathering.put(
        key,
        head(key, stream(1), false, "Running", ""),
        new Gathering.Report(20, Optional.of(4), VALUE));
    gathering.readTo(new OffsetAndMetadata(25, Optional.of(5), ""));
    assertThat(gathering.resumeAt()).contains(new OffsetAndMetadata(20, Optional.of(4), ""));
    take(START);
    assertThat(gathering.resumeAt()).contains(new OffsetAndMetadata(25, Optional.of(5), ""));
  }

  @Test
  void noticesThatReadingGoesBack() {
    assertThat(gathering.isBehind(0)).isFalse();
    gathering.readTo(17);
    assertThat(gathering.isBehind(17)).isFalse();
    assertThat(gathering.isBehind(16)).isTrue();
    gathering.readTo(new OffsetAndMetadata(20));
    assertThat(gathering.isBehind(17)).isTrue();
  }

  @Test
  void forgetsAWorkflowWithItsLastStream() {
    List<String> names = IntStream.range(0, 1000).mapToObj(i -> "w" + i).toList();
    names.forEach(name -> put(name, 1, "Running", ""));
    gathering.take(START, 1000, Long.MAX_VALUE);
    assertThat(gathering.workflows()).isEqualTo(1000);

    names.forEach(name -> remove(name, 1));
    assertThat(gathering.workflows()).isEqualTo(1000);
    assertThat(gathering.take(START, 1000, Long.MAX_VALUE)).hasSize(1000);

    assertThat(gathering.workflows()).isZero();
    names.forEach(name -> put(name, 1, "Running", ""));
    names.forEach(name -> remove(name, 1));
    assertThat(gathering.take(START, 1000, Long.MAX_VALUE)).hasSize(1000);
    assertThat(gathering.workflows()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20261201, 77_777})
  void neitherLosesNorMixesUpAnything(long seed) {
    Random random = new Random(seed);
    long end = random.nextInt(300);
    Gathering tested = new Gathering(end);
    Model model = new Model();
    long now = START;
    long position = 0;
    for (int step = 0; step < 4000; step++) {
      if (random.nextInt(4) > 0) {
        WorkflowKey key = key("w" + random.nextInt(12));
        StreamId stream = stream(random.nextInt(3));
        boolean gone = random.nextInt(20) == 0;
        String state = random.nextInt(10) == 0 ? "Copying" : "Running";
        String message = random.nextInt(20) == 0 ? "slow" : "";
        tested.put(
            key,
            head(key, stream, gone, state, message),
            new Gathering.Report(position, Optional.empty(), VALUE));
        model.put(key, stream, gone ? "gone" : state + " " + message, position);
        position += 1 + random.nextInt(2);
        tested.readTo(position);
      } else {
        now += random.nextInt(3) == 0 ? random.nextLong(SECOND) : random.nextLong(SECOND / 100);
        int most = 1 + random.nextInt(4);
        boolean due = tested.dueIn(now) <= 0;
        List<Gathering.Due> taken = tested.take(now, most, Long.MAX_VALUE);
        assertThat(!taken.isEmpty()).as("seed %d, step %d: due", seed, step).isEqualTo(due);
        assertThat(taken.isEmpty() || position >= end).isTrue();
        model.take(taken, now, most);
      }
      assertThat(tested.caughtUp()).isEqualTo(position >= end);
      assertThat(tested.workflows()).as("seed %d, step %d", seed, step).isEqualTo(model.known());
      if (position >= end) {
        assertThat(resumeAt(tested, position))
            .as("seed %d, step %d", seed, step)
            .isLessThanOrEqualTo(model.firstWaiting(position))
            .isEqualTo(model.firstSinceTaken(position));
        assertThat(tested.dueIn(now))
            .as("seed %d, step %d", seed, step)
            .isEqualTo(model.dueIn(now));
      } else {
        assertThat(tested.resumeAt()).isEmpty();
        assertThat(tested.dueIn(now)).isEqualTo(Long.MAX_VALUE);
      }
    }
    long later = now;
    while (tested.dueIn(later) != Long.MAX_VALUE) {
      later += SECOND;
      model.take(tested.take(later, 3, Long.MAX_VALUE), later, 3);
    }
    assertThat(model.waiting).isEmpty();
    assertThat(model.taken).isEqualTo(model.put);
  }

  private record Place(WorkflowKey key, StreamId stream) {}

  /** What was put and taken, without any thought of how long either takes. */
  private static final class Model {
    private final Map<Place, Long> put = new HashMap<>();
    private final Map<Place, Long> taken = new HashMap<>();
    private final Map<Place, Long> waiting = new HashMap<>();
    private final Map<Place, String> shown = new HashMap<>();
    private final Set<WorkflowKey> changed = new HashSet<>();
    private final Map<WorkflowKey, Long> since = new HashMap<>();
    private final Map<WorkflowKey, Long> takenAt = new HashMap<>();

    void put(WorkflowKey key, StreamId stream, String says, long offset) {
      Place place = new Place(key, stream);
      put.put(place, offset);
      waiting.put(place, offset);
      since.putIfAbsent(key, offset);
      if (says.equals("gone")) {
        if (shown.remove(place) != null || !takenAt.containsKey(key)) {
          changed.add(key);
        }
      } else if (!says.equals(shown.put(place, says))) {
        changed.add(key);
      }
    }

    void take(List<Gathering.Due> due, long now, int most) {
      Set<WorkflowKey> seen = new HashSet<>();
      int changes = 0;
      int progress = 0;
      for (Gathering.Due one : due) {
        assertThat(seen.add(one.key())).as("once a call").isTrue();
        boolean change = changed.remove(one.key());
        changes += change ? 1 : 0;
        progress += change ? 0 : 1;
        assertThat(change || now - takenAt.get(one.key()) >= SECOND).as("due").isTrue();
        Set<Long> expected = new HashSet<>();
        waiting.forEach((place, offset) -> {
          if (place.key().equals(one.key())) {
            expected.add(offset);
            taken.put(place, offset);
          }
        });
        waiting.keySet().removeIf(place -> place.key().equals(one.key()));
        since.remove(one.key());
        takenAt.put(one.key(), now);
        if (shown.keySet().stream().noneMatch(place -> place.key().equals(one.key()))) {
          takenAt.remove(one.key()); // no stream is left of it
        }
        assertThat(new HashSet<>(offsets(one))).isEqualTo(expected).hasSize(one.reports().size());
      }
      assertThat(changes).isLessThanOrEqualTo(2 * most);
      assertThat(progress).isLessThanOrEqualTo(most);
      Map<Place, Long> known = new HashMap<>(taken);
      known.putAll(waiting);
      assertThat(known).as("taken last and waiting").isEqualTo(put);
    }

    /** Of how many workflows there are streams or reports that wait. */
    int known() {
      Set<WorkflowKey> keys = new HashSet<>();
      shown.keySet().forEach(place -> keys.add(place.key()));
      waiting.keySet().forEach(place -> keys.add(place.key()));
      return keys.size();
    }

    long firstWaiting(long position) {
      return waiting.values().stream().mapToLong(Long::longValue).min().orElse(position);
    }

    long firstSinceTaken(long position) {
      return since.values().stream().mapToLong(Long::longValue).min().orElse(position);
    }

    long dueIn(long now) {
      return since.keySet().stream()
          .mapToLong(key -> changed.contains(key) ? 0 : takenAt.get(key) + SECOND - now)
          .reduce((a, b) -> changed.stream().anyMatch(since::containsKey) ? 0 : Math.min(a, b))
          .orElse(Long.MAX_VALUE);
    }
  }

  private void put(String workflow, long id, String state, String message) {
    put(gathering, workflow, id, state, message);
  }

  private void put(Gathering into, String workflow, long id, String state, String message) {
    WorkflowKey key = key(workflow);
    into.put(key, head(key, stream(id), false, state, message), report());
  }

  private void remove(String workflow, long id) {
    WorkflowKey key = key(workflow);
    gathering.put(key, head(key, stream(id), true, "", ""), report());
  }

  private Gathering.Report report() {
    return new Gathering.Report(offset++, Optional.empty(), VALUE);
  }

  private long resumeAt(long position) {
    return resumeAt(gathering, position);
  }

  private static long resumeAt(Gathering gathering, long position) {
    gathering.readTo(new OffsetAndMetadata(position));
    return gathering.resumeAt().orElseThrow().offset();
  }

  /** What is taken: each workflow with the offsets of its reports. */
  private List<String> take(long now) {
    List<String> taken = new ArrayList<>();
    Map<String, List<Long>> byWorkflow = new TreeMap<>();
    for (Gathering.Due due : gathering.take(now, MOST, Long.MAX_VALUE)) {
      byWorkflow.put(due.key().workflow(), offsets(due).stream().sorted().toList());
    }
    byWorkflow.forEach((workflow, offsets) ->
        taken.add(
            workflow + ":" + String.join(",", offsets.stream().map(String::valueOf).toList())));
    return taken;
  }

  private static List<Long> offsets(Gathering.Due due) {
    return due.reports().stream().map(Gathering.Report::offset).toList();
  }

  private static List<String> keys(List<Gathering.Due> due) {
    return due.stream().map(one -> one.key().workflow()).toList();
  }

  private static WorkflowKey key(String workflow) {
    return new WorkflowKey("customer", workflow);
  }

  private static StreamId stream(long id) {
    return new StreamId("0", "zone1-0000000200", id);
  }

  private static StreamHead head(
      WorkflowKey key, StreamId stream, boolean removed, String state, String message) {
    return new StreamHead(
        key.keyspace(),
        key.workflow(),
        1000,
        stream,
        removed,
        removed ? "" : state,
        removed ? "" : message);
  }
}

package dev.shunt.tablet.vreplication;

import static dev.shunt.tablet.vreplication.GatheringTest.JOURNAL;
import static dev.shunt.tablet.vreplication.GatheringTest.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is waited for, and what is done when all have come. */
class JournalFollowingTest {
  private static final String WAITS_FOR_2 = "at journal 7: waits for stream(s) from customer/80-";

  private final FakeRows rows = new FakeRows();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final ReentrantLock turn = new ReentrantLock();
  private JournalFollowing following = following(Duration.ofMinutes(5));

  /** Streams 1 and 2, where they arrive. */
  private static final class FakeRows implements JournalFollowing.Rows {
    final Map<Integer, StreamRow> rows = new ConcurrentHashMap<>();
    final Map<Integer, String> messages = new ConcurrentHashMap<>();
    final AtomicInteger reads = new AtomicInteger();
    volatile boolean away;

    FakeRows() {
      put(stream(1, "-80", StreamState.RUNNING));
      put(stream(2, "80-", StreamState.RUNNING));
    }

    void put(StreamRow row) {
      rows.put(row.id(), row);
    }

    @Override
    public void open() {}

    @Override
    public void close() {}

    @Override
    public List<StreamRow> read(String workflow) {
      reads.incrementAndGet();
      if (away) {
        throw new IllegalStateException("the database is away");
      }
      return List.copyOf(rows.values());
    }

    @Override
    public boolean say(int id, String message) {
      return messages.put(id, message) != null || rows.containsKey(id);
    }

    @Override
    public JournalFollowing.Settled settle(Gathering gathering) {
      Gathering.Decision decision = gathering.decide(read("w"));
      if (decision instanceof Gathering.Decision.Follow follow) {
        follow.old().forEach(old -> rows.remove(old.id()));
        return new JournalFollowing.Settled(decision, List.of(8, 9));
      }
      return new JournalFollowing.Settled(decision, List.of());
    }
  }

  private JournalFollowing following(Duration pause) {
    return new JournalFollowing(
        rows,
        turn,
        new JournalFollowing.Controllers() {
          @Override
          public void end(Collection<Integer> ids) {
            calls.add("end " + ids.stream().sorted().toList());
          }

          @Override
          public void startAgain(Collection<Integer> ids) {
            calls.add("start " + ids.stream().sorted().toList());
          }

          @Override
          public void stopped(int id, String message) {
            calls.add("stopped " + id + ": " + message);
          }
        },
        pause);
  }

  @BeforeEach
  void open() {
    following.open();
  }

  @AfterEach
  void close() {
    following.close();
  }

  private void arrives(int id) {
    following.arrived(id, "w", JOURNAL, "MariaDB/0-1-" + id);
  }

  private void says(int id, String message) {
    eventually(() -> assertThat(rows.messages).containsEntry(id, message));
  }

  /** It has tried to get the turn and looks anew. */
  private void readsAgain() {
    int before = rows.reads.get();
    eventually(() -> assertThat(rows.reads.get()).isGreaterThan(before + 1));
  }

  private static void eventually(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(2))
        .untilAsserted(assertion);
  }

  @Test
  void saysForWhomTheFirstWaitsAndReplacesBothWhenTheLastHasCome() {
    arrives(1);
    says(1, WAITS_FOR_2);
    assertThat(calls).isEmpty();

    arrives(2);

    eventually(() -> assertThat(calls).containsExactly("end [1, 2]", "start [1, 2, 8, 9]"));
  }

  @Test
  void waitsAnewForOneThatIsStartedAgain() {
    arrives(1);
    says(1, WAITS_FOR_2);
    rows.put(stream(1, "-80", StreamState.STOPPED));
    following.withdraw(List.of(1));

    arrives(2);
    says(2, "at journal 7: waits for stream(s) from customer/-80 (stream 1 is Stopped)");
    rows.put(stream(1, "-80", StreamState.RUNNING));
    arrives(1);

    eventually(() -> assertThat(calls).containsExactly("end [1, 2]", "start [1, 2, 8, 9]"));
  }

  @Test
  void stopsAllThatCameWhenAnotherIsGone() {
    arrives(1);
    says(1, WAITS_FOR_2);

    rows.rows.remove(2);
    following.look();

    eventually(() ->
        assertThat(calls)
            .containsExactly(
                "end [1]",
                "stopped 1: cannot redirect on journal: not all sources are present in this"
                    + " workflow: missing customer:80-"));
  }

  @Test
  void startsWhatAnotherProcessPutInThePlaceOfItsStreams() {
    arrives(1);
    says(1, WAITS_FOR_2);

    rows.rows.clear();
    rows.put(stream(8, "new/-40", StreamState.RUNNING));
    rows.put(stream(9, "new/40-", StreamState.RUNNING));
    following.look();

    eventually(() -> assertThat(calls).containsExactly("end [1]", "start [1, 8, 9]"));
  }

  @Test
  void letsNoneGoOnWhereTheirJournalsNameDifferentPositions() {
    arrives(1);
    following.arrived(
        2, "w", GatheringTest.journal("-80,80-", "new/-:MariaDB/0-1-6"), "MariaDB/0-1-2");

    says(1, WAITS_FOR_2);
    says(2, "at journal 7: waits for stream(s) from customer/-80");
    assertThat(calls).isEmpty();
  }

  @Test
  void changesNothingWhileACallDoes() {
    turn.lock();
    try {
      arrives(1);
      arrives(2);
      readsAgain();
      assertThat(calls).isEmpty();
      following.withdraw(List.of(1));
    } finally {
      turn.unlock();
    }

    says(2, "at journal 7: waits for stream(s) from customer/-80");
    assertThat(calls).isEmpty();
  }

  /** Who stops streams relies on it that none is at work when the call ends. */
  @Test
  void endsNoStreamWhileACallChangesSome() {
    turn.lock();
    try {
      rows.rows.remove(1);
      arrives(1);
      readsAgain();
      assertThat(calls).isEmpty();
    } finally {
      turn.unlock();
    }

    eventually(() -> assertThat(calls).contains("end [1]"));
  }

  @Test
  void closesWhileACallHasTheTurn() {
    turn.lock();
    try {
      arrives(1);
      arrives(2);
      readsAgain();

      following.close();

      assertThat(calls).isEmpty();
    } finally {
      turn.unlock();
    }
  }

  @Test
  void triesAgainAndSaysWhy() {
    following.close();
    following = following(Duration.ofMillis(50));
    following.open();
    rows.away = true;
    arrives(1);
    arrives(2);
    says(1, "at journal 7: can't go on yet, it is tried again: the database is away");
    assertThat(calls).isEmpty();

    rows.away = false;

    eventually(() -> assertThat(calls).containsExactly("end [1, 2]", "start [1, 2, 8, 9]"));
  }

  @Test
  void knowsNoArrivalAfterItWasClosed() {
    arrives(1);
    says(1, WAITS_FOR_2);
    following.close();
    following.open();

    arrives(2);

    says(2, "at journal 7: waits for stream(s) from customer/-80");
    assertThat(calls).isEmpty();
  }
}

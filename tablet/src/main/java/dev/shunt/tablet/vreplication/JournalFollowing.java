package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata.Journal;
import binlogdata.Binlogdata.ShardGtid;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.Gathering.Decision;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Lets streams of other workflows follow a switch of traffic. A stream that has come to a journal
 * ends before it and waits here; when those from all shards that take part have come, streams from
 * the shards that the journal names take their place, from the positions that it names.
 *
 * <pre>
 *   runs ──journal──▶ arrived ──all have──▶ replaced by running streams
 *    ▲                 │   │
 *    └──starts again───┘   └──can't go on──▶ Stopped
 * </pre>
 *
 * <p>What has arrived is known in memory only: after a restart each stream reads the journal again.
 * One thread looks at what has arrived, after each change and every now and then, and decides by
 * what stands in the rows.
 */
final class JournalFollowing {
  private static final Logger log = LoggerFactory.getLogger(JournalFollowing.class);

  /** How long it waits for a call that changes streams before it looks anew. */
  private static final Duration TURN = Duration.ofMillis(200);

  /** Streams of workflows as they stand in the database. */
  interface Rows {
    /** Lets requests begin. */
    void open();

    /** Breaks off what is under way and lets no more begin. */
    void close();

    /** All streams of a workflow. */
    List<StreamRow> read(String workflow);

    /** Shows a message on a stream that is not halted; tells whether it is one. */
    boolean say(int id, String message);

    /**
     * Decides once more and carries that out, in one transaction in which no row changes otherwise.
     *
     * @return what was decided; Left and Wait are not for it to carry out
     */
    Settled settle(Gathering gathering);
  }

  /** The controllers of streams. */
  interface Controllers {
    /** Ends them; on return none writes to the database. */
    void end(Collection<Integer> ids);

    /** Starts those that should run and do not, and forgets those that are gone. */
    void startAgain(Collection<Integer> ids);

    /** A stream was stopped. */
    void stopped(int id, String message);
  }

  /**
   * What was done.
   *
   * @param created ids of new streams
   */
  record Settled(Decision decision, List<Integer> created) {}

  /**
   * What streams have in common that go on together. Where journals of one id name other positions
   * nobody can tell which ones are right: none goes on.
   */
  private record Key(String workflow, long journal, Set<ShardGtid> targets) {
    static Key of(String workflow, Journal journal) {
      return new Key(workflow, journal.getId(), Set.copyOf(journal.getShardGtidsList()));
    }
  }

  /** A stream that has come to a journal; another time it is another arrival. */
  private static final class Arrival {
    final Key key;
    final Journal journal;
    final String position;
    String said = "";

    Arrival(Key key, Journal journal, String position) {
      this.key = key;
      this.journal = journal;
      this.position = position;
    }
  }

  private final Rows rows;
  private final Lock turn;
  private final Controllers controllers;
  private final Duration pause;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition called = lock.newCondition();
  private final Map<Integer, Arrival> arrivals = new HashMap<>();
  private @Nullable Thread working;
  private boolean again;
  private boolean open;

  /** Why a gathering does not get on, as it was logged last. */
  private final Map<Key, String> logged = new HashMap<>();

  /**
   * Makes one that is closed at first.
   *
   * @param turn held while streams are inserted and deleted
   * @param pause after which it looks again where nobody calls it
   */
  JournalFollowing(Rows rows, Lock turn, Controllers controllers, Duration pause) {
    this.rows = rows;
    this.turn = turn;
    this.controllers = controllers;
    this.pause = pause;
  }

  void open() {
    rows.open();
    lock.lock();
    try {
      open = true;
    } finally {
      lock.unlock();
    }
  }

  /** Forgets all arrivals; on return nothing is under way. To be called when no stream runs. */
  void close() {
    Thread worker;
    lock.lock();
    try {
      open = false;
      arrivals.clear();
      called.signalAll();
      worker = working;
    } finally {
      lock.unlock();
    }
    rows.close();
    if (worker != null) {
      join(worker);
    }
  }

  private static void join(Thread worker) {
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes note of a stream that has come to a journal and ends; called by its controller.
   *
   * @param position where it stands, before the journal, as it is stored
   */
  void arrived(int id, String workflow, Journal journal, String position) {
    log.atInfo()
        .addKeyValue("stream", id)
        .addKeyValue("workflow", workflow)
        .addKeyValue("journal", journal.getId())
        .log("stream has come to a journal");
    lock.lock();
    try {
      arrivals.put(id, new Arrival(Key.of(workflow, journal), journal, position));
      callWorker();
    } finally {
      lock.unlock();
    }
  }

  /** Streams that are changed, or started again, have not arrived. */
  void withdraw(Collection<Integer> ids) {
    lock.lock();
    try {
      if (arrivals.keySet().removeAll(ids)) {
        callWorker();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Streams may have changed. */
  void look() {
    lock.lock();
    try {
      if (!arrivals.isEmpty()) {
        callWorker();
      }
    } finally {
      lock.unlock();
    }
  }

  private void callWorker() {
    again = true;
    called.signalAll();
    if (open && working == null) {
      working = Thread.ofVirtual().name("journals").start(this::work);
    }
  }

  private void work() {
    try {
      while (more()) {
        for (Map<Integer, Arrival> together : gathered()) {
          lookAt(together);
        }
      }
    } finally {
      gone();
    }
  }

  /** The next call must find no thread that is none any more, whatever ended it. */
  private void gone() {
    lock.lock();
    try {
      if (working == Thread.currentThread()) {
        working = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a call, or a while; without arrivals the thread ends. */
  private boolean more() {
    lock.lock();
    try {
      for (long left = pause.toNanos(); left > 0 && !again && open && !arrivals.isEmpty(); ) {
        left = called.awaitNanos(left);
      }
      again = false;
      if (open && !arrivals.isEmpty()) {
        return true;
      }
      working = null; // here, so that no call takes a thread for at work that won't look any more
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      working = null;
    } finally {
      lock.unlock();
    }
    return false;
  }

  private List<Map<Integer, Arrival>> gathered() {
    lock.lock();
    try {
      logged.keySet().retainAll(arrivals.values().stream().map(arrival -> arrival.key).toList());
      return List.copyOf(
          arrivals.entrySet().stream()
              .collect(
                  Collectors.groupingBy(
                      entry -> entry.getValue().key,
                      Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
              .values());
    } finally {
      lock.unlock();
    }
  }

  private static Gathering gathering(Map<Integer, Arrival> together) {
    Arrival one = together.values().iterator().next();
    return new Gathering(
        one.key.workflow(),
        one.journal,
        together.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().position)));
  }

  private void lookAt(Map<Integer, Arrival> together) {
    Gathering gathering = gathering(together);
    try {
      List<StreamRow> read = rows.read(gathering.workflow());
      switch (gathering.decide(read)) {
        case Decision.Left left -> leave(together, left, read);
        case Decision.Wait wait -> say(together, wait.message());
        case Decision.Stop _, Decision.Follow _ -> settleInTurn(gathering, together);
      }
    } catch (RuntimeException e) {
      failed(gathering, together, e);
    }
  }

  /**
   * Also starts what another process may have put in their place. In its turn, as a call that stops
   * streams must not end while one of them is still at work here.
   */
  private void leave(Map<Integer, Arrival> together, Decision.Left left, List<StreamRow> read) {
    if (!hasTurn()) {
      callAgain();
      return;
    }
    try {
      forget(together, left.ids());
      controllers.end(left.ids());
      List<Integer> ids =
          Stream.concat(left.ids().stream(), read.stream().map(StreamRow::id)).distinct().toList();
      controllers.startAgain(ids);
    } finally {
      turn.unlock();
    }
    callAgain();
  }

  private void say(Map<Integer, Arrival> together, String message) {
    together.forEach((id, arrival) -> {
      if (!arrival.said.equals(message) && rows.say(id, message)) {
        arrival.said = message;
      }
    });
  }

  private void settleInTurn(Gathering gathering, Map<Integer, Arrival> together) {
    if (!hasTurn()) {
      callAgain();
      return;
    }
    try {
      if (stand(together)) {
        settle(gathering, together);
      }
    } finally {
      turn.unlock();
    }
  }

  /** Whoever has the turn for long may be waiting for this to end. */
  private boolean hasTurn() {
    try {
      return turn.tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Whether none was withdrawn since. */
  private boolean stand(Map<Integer, Arrival> together) {
    lock.lock();
    try {
      return together.entrySet().stream()
          .allMatch(one -> arrivals.get(one.getKey()) == one.getValue());
    } finally {
      lock.unlock();
    }
  }

  private void settle(Gathering gathering, Map<Integer, Arrival> together) {
    controllers.end(together.keySet());
    Settled settled = rows.settle(gathering);
    switch (settled.decision()) {
      case Decision.Left _, Decision.Wait _ -> callAgain(); // rows have changed since
      case Decision.Stop stop -> {
        forget(together, together.keySet());
        together.keySet().forEach(id -> controllers.stopped(id, stop.message()));
        log(gathering, together).addKeyValue("reason", stop.message()).log("streams are stopped");
      }
      case Decision.Follow _ -> {
        forget(together, together.keySet());
        List<Integer> ids = new ArrayList<>(together.keySet());
        ids.addAll(settled.created());
        controllers.startAgain(ids);
        log(gathering, together)
            .addKeyValue("created", settled.created())
            .log("streams have followed a journal");
      }
    }
  }

  /** One that has arrived again meanwhile stays. */
  private void forget(Map<Integer, Arrival> together, Collection<Integer> ids) {
    lock.lock();
    try {
      ids.forEach(id -> arrivals.remove(id, together.get(id)));
    } finally {
      lock.unlock();
    }
  }

  private void callAgain() {
    lock.lock();
    try {
      again = true;
    } finally {
      lock.unlock();
    }
  }

  /** Is tried again after a while, and the streams say so, as far as that can be written. */
  private void failed(Gathering gathering, Map<Integer, Arrival> together, RuntimeException error) {
    if (!isOpen()) {
      return;
    }
    Key key = together.values().iterator().next().key;
    String reason = String.valueOf(error.getMessage());
    if (!reason.equals(logged.put(key, reason))) {
      log.atWarn()
          .addKeyValue("workflow", gathering.workflow())
          .addKeyValue("journal", gathering.journal().getId())
          .addKeyValue("reason", reason)
          .setCause(error instanceof MysqlException || error instanceof RpcException ? null : error)
          .log("streams can't follow a journal yet");
    }
    try {
      say(together, gathering.name() + ": can't go on yet, it is tried again: " + reason);
    } catch (RuntimeException e) {
      error.addSuppressed(e);
    }
  }

  private boolean isOpen() {
    lock.lock();
    try {
      return open;
    } finally {
      lock.unlock();
    }
  }

  private static LoggingEventBuilder log(Gathering gathering, Map<Integer, Arrival> together) {
    return log.atInfo()
        .addKeyValue("workflow", gathering.workflow())
        .addKeyValue("journal", gathering.journal().getId())
        .addKeyValue("streams", together.keySet());
  }
}

package dev.shunt.tablet.vreplication;

import binlogdata.Binlogdata;
import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.Throttler;
import dev.shunt.tablet.VReplicationEngine;
import dev.shunt.tablet.vreplication.stream.StreamBoard;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tablet.vreplication.stream.StreamTable;
import dev.shunt.tablet.vreplication.stream.StreamThrottle;
import dev.shunt.tablet.vreplication.stream.Tuning;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.workflow.sql.SqlParser;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds the controllers of all streams into one database. */
public final class ReplicationEngine implements VReplicationEngine {
  private static final Logger log = LoggerFactory.getLogger(ReplicationEngine.class);
  private static final Duration OPEN_AGAIN_AFTER = Duration.ofSeconds(1);

  private final TabletIdentity tablet;
  private final MysqlEndpoint database;
  private final TabletClients clients;
  private final Settings settings;
  private final StreamTable table;
  private final StreamBoard board = new StreamBoard();
  private final SqlParser parser = SqlParser.create();
  private final SourcePicker picker;
  private final LeftKeys leftKeys;
  private final LateTables lateTables;
  private final JournalFollowing journals;
  private final ReentrantLock turn = new ReentrantLock();

  /** Held while rows are read and their controllers started; taken before {@link #lock}. */
  private final ReentrantLock starting = new ReentrantLock();

  /** Of what follows; never held while something is waited for. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<Integer, Controller> controllers = new HashMap<>();

  private final Map<Integer, Tuning> tunings = new ConcurrentHashMap<>();

  /** Streams that were stopped for a change of their rows. */
  private final Set<Integer> changing = new HashSet<>();

  private boolean open;
  private @Nullable Thread opening;

  /**
   * How streams behave.
   *
   * @param retryDelay how long to wait after an error that may pass; Vitess waits 5 s
   * @param maxTimeToRetryOnError how long to try again while the error stays the same; zero for
   *     ever
   * @param throttler says when the target is too busy
   */
  public record Settings(
      Duration retryDelay, Duration maxTimeToRetryOnError, Throttler throttler) {}

  /**
   * Makes an engine that is closed at first.
   *
   * @param database where the tablet's database is; the account needs all privileges on it and on
   *     the sidecar database
   * @param clients reaches source tablets; stays the caller's to close
   */
  public ReplicationEngine(
      TabletIdentity tablet,
      MysqlEndpoint database,
      Topo topo,
      TabletClients clients,
      Settings settings) {
    this.tablet = tablet;
    this.database = database;
    this.clients = clients;
    this.settings = settings;
    this.table = new StreamTable(tablet);
    this.leftKeys = new LeftKeys(tablet, database);
    this.lateTables = new LateTables(tablet, database, table, parser);
    this.journals =
        new JournalFollowing(
            new WorkflowRows(tablet, database, table),
            turn,
            new JournalFollowing.Controllers() {
              @Override
              public void end(Collection<Integer> ids) {
                endControllers(ids);
              }

              @Override
              public void startAgain(Collection<Integer> ids) {
                startIdle(ids);
              }

              @Override
              public void stopped(int id, String message) {
                board.state(id, StreamState.STOPPED, message);
              }
            },
            settings.retryDelay());
    this.picker = new SourcePicker(topo, tablet.cell(), System::nanoTime);
  }

  @Override
  public void open() {
    lock.lock();
    try {
      if (open) {
        return;
      }
      open = true;
    } finally {
      lock.unlock();
    }
    board.open();
    journals.open();
    startAllOrLater();
  }

  private void startAllOrLater() {
    try {
      startAll();
    } catch (MysqlException e) {
      log.atWarn().addKeyValue("reason", e.getMessage()).log("streams can't be read yet");
      startLater();
    }
  }

  /** Starts what should run and does not, after a while. */
  private void startLater() {
    lock.lock();
    try {
      if (open && opening == null) {
        opening = Thread.ofVirtual().name("open-streams").start(this::pauseAndStartAll);
      }
    } finally {
      lock.unlock();
    }
  }

  private void pauseAndStartAll() {
    try {
      Thread.sleep(OPEN_AGAIN_AFTER);
    } catch (InterruptedException e) {
      return; // closed
    }
    lock.lock();
    try {
      if (!open) {
        return;
      }
      opening = null;
    } finally {
      lock.unlock();
    }
    startAllOrLater();
  }

  /** A connection with no database that counts found rows. */
  private MysqlConnection openPlain() {
    return MysqlConnection.open(
        database.withDatabase(null),
        ConnectOptions.DEFAULT.withFoundRows().withReadTimeout(WorkflowRows.SILENCE));
  }

  private void startAll() {
    starting.lock();
    try (MysqlConnection connection = openPlain()) {
      table.stored(connection).forEach(this::startOne);
    } finally {
      starting.unlock();
    }
    putBackLeftKeys();
  }

  /** A closed engine begins nothing: whoever closes it waits for what was begun before. */
  private void putBackLeftKeys() {
    lock.lock();
    try {
      if (open) {
        leftKeys.putBack();
      }
    } finally {
      lock.unlock();
    }
  }

  private void startThese(MysqlConnection connection, Collection<Integer> ids) {
    Map<Integer, StreamTable.Stored> found = table.stored(connection, ids);
    for (int id : ids) {
      StreamTable.Stored stored = found.get(id);
      if (stored == null) {
        forget(id);
      } else {
        startOne(id, stored);
      }
    }
  }

  private void startOne(int id, StreamTable.Stored stored) {
    StreamRow row;
    try {
      row = stored.stream();
    } catch (RpcException e) {
      unreadable(id, e);
      return;
    }
    lateTables.put(row);
    if (!hasController(id)) { // which knows better how far it is
      board.put(row);
    }
    Map<String, String> config = stored.config();
    lock.lock();
    try {
      if (open && row.runs() && !controllers.containsKey(id) && !changing.contains(id)) {
        StreamContext stream =
            new StreamContext(
                id,
                tablet,
                table,
                board,
                parser,
                clients::of,
                () -> false,
                () -> {},
                new StreamThrottle(
                    id, table, board, database.withDatabase(null), settings.throttler()),
                tuning(id, config));
        Controller controller = new Controller(stream, database, picker, journals, settings);
        controllers.put(id, controller);
        controller.start();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Such a row stays as it is until somebody writes it anew. */
  private void unreadable(int id, RpcException e) {
    log.atError().addKeyValue("stream", id).setCause(e).log("stream can't be read");
    try (MysqlConnection connection = openPlain()) {
      table.writeState(connection, id, StreamState.ERROR, "terminal error: " + e.getMessage());
    } catch (RpcException gone) {
      log.atInfo().addKeyValue("stream", id).setCause(gone).log("stream was deleted meanwhile");
      forget(id);
    }
  }

  private void forget(int id) {
    board.remove(id);
    tunings.remove(id);
    lateTables.remove(id);
  }

  @Override
  public void close() {
    List<Controller> running;
    lock.lock();
    try {
      open = false;
      if (opening != null) {
        opening.interrupt();
        opening = null;
      }
      running = List.copyOf(controllers.values());
      controllers.clear();
    } finally {
      lock.unlock();
    }
    stopAll(running);
    journals.close();
    leftKeys.stop();
    board.close();
  }

  @Override
  public Lock turn() {
    return turn;
  }

  @Override
  public void check(Collection<Binlogdata.BinlogSource> sources) {
    // Whether rules can be carried out does not depend on the shard that is read.
    List<Binlogdata.BinlogSource> asking =
        sources.stream()
            .map(one -> one.toBuilder().clearShard().build())
            .distinct()
            .filter(one -> StreamCheck.dependsOnTables(one, parser))
            .toList();
    if (asking.isEmpty()) {
      return;
    }
    try (MysqlConnection connection =
        MysqlConnection.open(database.withDatabase(tablet.database()))) {
      StreamCheck check = new StreamCheck(connection, tablet.database(), parser);
      asking.forEach(check::check);
    }
  }

  @Override
  public void stop(Collection<Integer> ids) {
    lock.lock();
    try {
      changing.addAll(ids);
    } finally {
      lock.unlock();
    }
    endControllers(ids);
    journals.withdraw(ids);
  }

  private void endControllers(Collection<Integer> ids) {
    List<Controller> running = new ArrayList<>();
    lock.lock();
    try {
      for (int id : ids) {
        Controller controller = controllers.remove(id);
        if (controller != null) {
          running.add(controller);
        }
      }
    } finally {
      lock.unlock();
    }
    stopAll(running);
  }

  /** All at once: each finishes the transaction it is at. */
  private static void stopAll(List<Controller> running) {
    List<Thread> stopping = new ArrayList<>();
    running.forEach(one -> stopping.add(Thread.ofVirtual().start(one::stop)));
    for (Thread thread : stopping) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public void start(Collection<Integer> ids, MysqlConnection given) {
    lock.lock();
    try {
      changing.removeAll(ids);
      if (!open || ids.isEmpty()) {
        return;
      }
    } finally {
      lock.unlock();
    }
    journals.look();
    starting.lock();
    try {
      if (given.isClosed()) {
        startOverAnother(ids);
      } else {
        startThese(given, ids);
      }
    } catch (MysqlException e) {
      startLater();
      throw new RpcException(
          Status.Code.UNAVAILABLE,
          "streams can't be started yet, that is tried again: " + e.getMessage(),
          e);
    } finally {
      starting.unlock();
    }
    putBackLeftKeys();
  }

  private void startOverAnother(Collection<Integer> ids) {
    try (MysqlConnection connection = openPlain()) {
      startThese(connection, ids);
    }
  }

  /** Starts those of some streams that should run and do not, now or when they can be read. */
  private void startIdle(Collection<Integer> ids) {
    starting.lock();
    try {
      startOverAnother(ids.stream().filter(id -> !hasController(id)).toList());
    } catch (MysqlException e) {
      log.atWarn().addKeyValue("reason", e.getMessage()).log("streams can't be read yet");
      startLater();
    } finally {
      starting.unlock();
    }
  }

  private boolean hasController(int id) {
    lock.lock();
    try {
      return controllers.containsKey(id);
    } finally {
      lock.unlock();
    }
  }

  private Tuning tuning(int id, Map<String, String> config) {
    Tuning tuning = tunings.computeIfAbsent(id, fresh -> new Tuning());
    tuning.set(config);
    return tuning;
  }

  @Override
  public void retune(Collection<Integer> ids) {
    try (MysqlConnection connection = openPlain()) {
      table
          .stored(connection, ids)
          .forEach((id, stored) -> {
            var unused = tuning(id, stored.config());
            board.notifyListeners(id);
          });
    }
  }

  @Override
  public void waitForPosition(int id, String position, Duration timeout)
      throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    board.await(id, position, timeout, () -> wake(id));
    lateTables.awaitNone(id, Duration.ofNanos(end - System.nanoTime()), () -> wake(id));
  }

  private void wake(int id) {
    Controller controller;
    lock.lock();
    try {
      controller = controllers.get(id);
    } finally {
      lock.unlock();
    }
    if (controller != null) {
      controller.wake();
    }
  }

  @Override
  public AutoCloseable watch(IntConsumer listener) {
    return board.watch(listener);
  }
}

package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.schemas.StreamState;
import dev.shunt.service.Sentences;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.vreplication.stream.Found;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.stream.StreamLock;
import dev.shunt.tablet.vreplication.stream.StreamRow;
import dev.shunt.tablet.vreplication.stream.TerminalErrors;
import dev.shunt.tablet.vreplication.writing.CopySession;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.topo.TopoException;
import io.grpc.Status;
import io.vitess.proto.Topodata;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one stream going: tries, and after an error that may pass tries again after a while; after
 * one that won't it sets the state to Error and ends. Each new reason is logged once, and that it
 * goes on.
 */
final class Controller {
  private static final Logger log = LoggerFactory.getLogger(Controller.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final StreamContext stream;
  private final MysqlEndpoint database;
  private final SourcePicker picker;
  private final JournalFollowing journals;
  private final Duration retryDelay;
  private final ErrorMemory errors;

  /** Tablets whose logs, as they said one behind the other, do not reach back to the stream. */
  private final Set<Topodata.TabletAlias> purged = new HashSet<>();

  /** Why it does not go on, as it was logged last, without numbers; empty while it does. */
  private String logged = "";

  private final CountDownLatch endRequest = new CountDownLatch(1);
  private final Thread thread;
  private volatile Runnable wake = () -> {};
  private volatile @Nullable MysqlConnection connection;

  Controller(
      StreamContext stream,
      MysqlEndpoint database,
      SourcePicker picker,
      JournalFollowing journals,
      ReplicationEngine.Settings settings) {
    this.database = database;
    this.picker = picker;
    this.journals = journals;
    this.retryDelay = settings.retryDelay();
    this.errors = new ErrorMemory(settings.maxTimeToRetryOnError());
    this.stream =
        new StreamContext(
            stream.id(),
            stream.tablet(),
            stream.table(),
            stream.board(),
            stream.parser(),
            stream.clients(),
            () -> endRequest.getCount() == 0,
            this::goesOn,
            stream.throttle(),
            stream.tuning());
    this.thread = Thread.ofVirtual().name("stream-" + stream.id()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Makes the applier look whether somebody waits. */
  void wake() {
    wake.run();
  }

  /** Ends it; on return nothing of it writes to the database any more. */
  void stop() {
    endRequest.countDown();
    wake.run();
    try {
      if (!thread.join(PATIENCE)) {
        log.atWarn()
            .addKeyValue("stream", stream.id())
            .addKeyValue("at", Arrays.toString(thread.getStackTrace()))
            .log("a stream that is to end is still at work, its connection is ended");
        kill();
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  /** Where the server can't be reached, the connection is closed all the same. */
  private void kill() {
    MysqlConnection used = connection;
    if (used == null) {
      return;
    }
    CopySession.end(used, log.atWarn().addKeyValue("stream", stream.id()));
  }

  private void run() {
    try {
      while (endRequest.getCount() > 0) {
        if (attempt()) {
          return;
        }
        if (endRequest.await(retryDelay.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether there is nothing more to do. */
  private boolean attempt() throws InterruptedException {
    try (MysqlConnection opened = open()) {
      StreamLock.hold(opened, stream.id(), stream.tablet().database());
      try {
        Optional<StreamRow> row = stream.table().read(opened, stream.id());
        if (row.isEmpty()) {
          stream.board().remove(stream.id()); // whoever waits for it waits in vain
          return true;
        }
        if (!row.get().runs()) {
          return true;
        }
        Topodata.Tablet tablet = picker.pick(row.get());
        try {
          TabletClient source = stream.clients().apply(tablet);
          new Attempt(stream, opened, source, journals, wakeable -> wake = wakeable).run();
        } catch (RuntimeException e) {
          picker.failed(tablet, e);
          throw lostWithTheLogs(row.get(), tablet, e);
        }
        return true;
      } catch (RuntimeException e) {
        return failed(opened, e);
      } catch (Error e) { // such as no memory: whoever looks at the stream must learn of it
        return failed(opened, new IllegalStateException("the stream failed: " + e, e));
      }
    } catch (RuntimeException | Error e) { // such as of a target's database that is away
      log("stream failed, which its row can't be told", e, false);
      return false;
    } finally {
      connection = null;
      wake = () -> {};
    }
  }

  /** What no tablet's log has any more does not come, however often it is asked for. */
  private RuntimeException lostWithTheLogs(
      StreamRow row, Topodata.Tablet tablet, RuntimeException error) {
    if (!SourcePicker.isLogPurged(error)) {
      purged.clear();
      return error;
    }
    purged.add(tablet.getAlias());
    return picker.allAmong(row, purged)
        ? new RpcException(
            Status.Code.FAILED_PRECONDITION,
            "the source has purged the part of its log from which the stream is to go on; the"
                + " tables must be copied again: "
                + error.getMessage(),
            error)
        : error;
  }

  /** The source sends what is in its log. */
  private void goesOn() {
    purged.clear();
    if (!logged.isEmpty()) {
      logged = "";
      log.atInfo().addKeyValue("stream", stream.id()).log("stream goes on");
    }
  }

  /** With a stack trace only where nobody has put into a sentence what is wrong. */
  private void log(String what, Throwable why, boolean terminal) {
    String reason = what + " " + Sentences.withoutNumbers(String.valueOf(why.getMessage()));
    if (!terminal && (reason.equals(logged) || TopoException.storeAway(why))) {
      return; // a store that is away is logged where the connection is kept
    }
    logged = reason;
    log.atWarn()
        .addKeyValue("stream", stream.id())
        .addKeyValue("terminal", terminal)
        .addKeyValue("reason", why.getMessage())
        .setCause(understood(why) ? null : why)
        .log(what);
  }

  private static boolean understood(Throwable why) {
    return why instanceof MysqlException
        || why instanceof RpcException
        || why instanceof TabletException
        || why instanceof TopoException
        || why instanceof SourceBehindException;
  }

  private MysqlConnection open() {
    MysqlConnection opened =
        MysqlConnection.open(
            database.withDatabase(stream.tablet().database()),
            ConnectOptions.DEFAULT.withFoundRows());
    connection = opened;
    try {
      return CopySession.prepare(opened);
    } catch (MysqlException e) {
      opened.close();
      throw e;
    }
  }

  private boolean failed(MysqlConnection used, RuntimeException error) {
    if (endRequest.getCount() == 0) {
      return true;
    }
    boolean lost = Found.isNoRow(error);
    String text = lost ? Found.NO_ROW : String.valueOf(error.getMessage());
    boolean terminal =
        !errors.shouldRetry(text, System.nanoTime()) || lost || TerminalErrors.isTerminal(error);
    log("stream failed", error, terminal);
    if (rolledBack(used)) {
      report(used, text, terminal);
    } else {
      try (MysqlConnection other = open()) {
        report(other, text, terminal);
      }
    }
    return terminal;
  }

  /** Whether nothing of the attempt is open on a connection that can still be used. */
  private static boolean rolledBack(MysqlConnection used) {
    if (used.isClosed()) {
      return false;
    }
    try {
      used.execute("ROLLBACK");
      return true;
    } catch (MysqlException _) {
      return false;
    }
  }

  private void report(MysqlConnection used, String text, boolean terminal) {
    if (terminal) {
      String message = "terminal error: " + text;
      stream.table().writeState(used, stream.id(), StreamState.ERROR, message);
      stream.board().state(stream.id(), StreamState.ERROR, message);
    } else {
      stream.table().writeMessage(used, stream.id(), text);
      stream.board().notifyListeners(stream.id());
    }
  }
}

package dev.shunt.tablet.vreplication.stream;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.tablet.Throttler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes one stream wait while the target is too busy, and shows in its row who waits and why. */
public final class StreamThrottle {
  private static final Logger log = LoggerFactory.getLogger(StreamThrottle.class);
  private static final long LOOK_AGAIN_MILLIS = 100;
  private static final long SHOW_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final int id;
  private final StreamTable table;
  private final StreamBoard board;
  private final MysqlEndpoint database;
  private final Throttler throttler;
  private long shownAt;
  private boolean shown;

  /**
   * For one stream.
   *
   * @param id the stream
   * @param database where it shows who waits, over connections of its own
   * @param throttler knows whether the target is too busy
   */
  public StreamThrottle(
      int id, StreamTable table, StreamBoard board, MysqlEndpoint database, Throttler throttler) {
    this.id = id;
    this.table = table;
    this.board = board;
    this.database = database;
    this.throttler = throttler;
  }

  /**
   * Returns when the target is not too busy, or the stream was asked to end.
   *
   * @param component what waits, in Vitess's words
   */
  public void await(String component, BooleanSupplier endRequested) throws InterruptedException {
    Optional<String> reason = throttler.reason();
    while (reason.isPresent() && !endRequested.getAsBoolean()) {
      show(component, reason.get());
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      reason = throttler.reason();
    }
  }

  /** Shows that the source waits, or the target; not more than once a second. */
  public synchronized void show(String component, String reason) {
    long now = System.nanoTime();
    if (shown && now - shownAt < SHOW_EVERY_NANOS) {
      return;
    }
    shown = true;
    shownAt = now;
    try (MysqlConnection connection =
        MysqlConnection.open(database, ConnectOptions.DEFAULT.withFoundRows())) {
      table.saveThrottled(connection, id, System.currentTimeMillis() / 1000, component, reason);
      board.notifyListeners(id);
    } catch (MysqlException e) {
      log.atWarn().addKeyValue("stream", id).setCause(e).log("throttling can't be shown");
    }
  }
}

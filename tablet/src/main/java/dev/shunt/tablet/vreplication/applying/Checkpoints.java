package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Position;
import dev.shunt.schemas.StreamState;
import dev.shunt.tablet.database.VReplicationLog;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import org.jspecify.annotations.Nullable;

/**
 * When the changes that were gathered are saved, with the position behind them. Belongs to one
 * thread.
 */
final class Checkpoints {
  private static final long SAVE_EVERY_NANOS = 1_000_000_000L;

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final Applier applier;

  /** What was given to the applier. */
  private final Trail seen;

  /** Commit time of the last transaction in it, seconds; 0 for unknown. */
  private long transactionTime;

  private boolean unsaved;
  private long lastSave = System.nanoTime();

  /**
   * @param seen what was given to the applier
   */
  Checkpoints(StreamContext stream, MysqlConnection connection, Applier applier, Trail seen) {
    this.stream = stream;
    this.connection = connection;
    this.applier = applier;
    this.seen = seen;
  }

  /** Whether a position is among what was given to the applier; never for null. */
  boolean reached(@Nullable Position wanted) {
    return wanted != null && seen.position().atLeast(wanted);
  }

  /**
   * Takes note that a transaction of the source is through.
   *
   * @param next the position behind it, encoded
   * @param time of its commit, seconds; not above 0 when it does not count
   */
  void moveTo(String next, long time) {
    seen.to(next);
    if (time > 0) {
      transactionTime = time;
    }
    unsaved = true;
  }

  /** Saves what transactions without rows of ours left: each second, or when somebody waits. */
  void saveIfDue() throws InterruptedException {
    if (!unsaved) {
      return;
    }
    if (!applier.isEmpty()
        || System.nanoTime() - lastSave >= SAVE_EVERY_NANOS
        || stream.board().isAwaited(stream.id())) {
      saveSoon();
    }
  }

  /** Hands on what was gathered, unless it is left for later. */
  void saveSoon() throws InterruptedException {
    if (applier.saveSoon(seen, transactionTime)) {
      saved();
    }
  }

  /** Commits all that was gathered and handed on. */
  void save() throws InterruptedException {
    applier.saveNow(seen, transactionTime, "");
    saved();
  }

  /** The position and the state are written together: one without the other would run on. */
  void saveAndStop(String message) throws InterruptedException {
    applier.saveNow(
        seen,
        transactionTime,
        stream.table().stateStatement(stream.id(), StreamState.STOPPED, message));
    saved();
    stream
        .table()
        .log(
            connection,
            stream.id(),
            VReplicationLog.Type.STATE_CHANGED,
            StreamState.STOPPED,
            message);
    stream.board().state(stream.id(), StreamState.STOPPED, message);
  }

  /** Leaves nothing that is gathered or under way. */
  void drain() throws InterruptedException {
    if (applier.isEmpty()) {
      applier.drain();
    } else {
      save();
    }
  }

  private void saved() {
    unsaved = false;
    lastSave = System.nanoTime();
  }
}

package dev.shunt.tablet;

import binlogdata.Binlogdata;
import dev.shunt.mysql.MysqlConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.locks.Lock;
import java.util.function.IntConsumer;

/**
 * Runs the streams that stand in {@code _vt.vreplication} with this tablet's database. The rows are
 * changed by the tablet's {@code VReplicationExec} and its relatives, one call at a time, always in
 * this order: hold {@link #turn}, {@link #stop} the streams concerned, change the rows in one
 * transaction, {@link #start} them. The engine itself writes position, progress, state and message
 * of streams it runs, and where they follow a journal it has its turn as a call has.
 *
 * <pre>
 *   closed ──open()──▶ open ──close()──▶ closed
 *                       │ start(ids): row read again, a controller if its state runs
 *                       │ stop(ids):  controller ended, its transaction over
 * </pre>
 */
public interface VReplicationEngine extends AutoCloseable {
  /**
   * Reads the rows and starts a controller for each whose state is neither Stopped nor Error. Tries
   * again in the background while the database can't be read.
   */
  void open();

  /** Stops all controllers and waits for them; waiters get an error. */
  @Override
  void close();

  /**
   * Held by who changes rows, from before he looks which until their streams are started again: as
   * long as one has it no other inserts or deletes streams of this database.
   */
  Lock turn();

  /**
   * Checks what streams are to read before their rows are committed.
   *
   * @throws RpcException INVALID_ARGUMENT for rules that can't be carried out
   */
  void check(Collection<Binlogdata.BinlogSource> sources);

  /**
   * Stops controllers and returns when none of them writes to the database any more, so that the
   * rows can be changed or deleted. Ids without a controller are skipped.
   */
  void stop(Collection<Integer> ids);

  /**
   * Reads rows again and starts controllers where the state asks for it; forgets ids whose row is
   * gone. Also called for rows just inserted. Does nothing while closed.
   *
   * @param connection over which the rows are read, as another one would cost time in which writes
   *     may wait; in no transaction. When it is closed the engine opens one
   */
  void start(Collection<Integer> ids, MysqlConnection connection);

  /**
   * Takes over options of streams that were changed without stopping them.
   *
   * @param ids the streams
   */
  void retune(Collection<Integer> ids);

  /**
   * Waits until a stream's saved position is at least the given one; woken by the applier's commit.
   *
   * @param id the stream
   * @param position position with its flavour
   * @param timeout how long to wait at most
   * @throws RpcException INVALID_ARGUMENT for a position that can't be read, NOT_FOUND without the
   *     stream, FAILED_PRECONDITION when it is stopped or in error before the position (quoting
   *     current and wanted position and its message), DEADLINE_EXCEEDED with the last position,
   *     UNAVAILABLE when the engine is or gets closed
   */
  void waitForPosition(int id, String position, Duration timeout) throws InterruptedException;

  /**
   * Notifies of streams whose row changed: position, state, message, rows copied, copy progress.
   * Called after the commit on the thread that changed it, so the listener must be quick and not
   * block.
   *
   * @param listener gets the stream's id
   * @return ends that
   */
  AutoCloseable watch(IntConsumer listener);
}

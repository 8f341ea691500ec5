package dev.shunt.tablet.vreplication.applying;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.StoredPosition;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.stream.Found;
import dev.shunt.tablet.vreplication.stream.LockConflictRetry;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.writing.CopySession;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.TableStamp;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings changes to the target, together with the position behind them. Batches that are full go
 * side by side; what has to be there at once, and what is larger than a packet or two, goes over
 * the stream's own connection after all that was before.
 *
 * <p>Each transaction moves the position on from where its predecessor left it, or fails. So of two
 * processes that apply the same stream, such as a killed tablet whose database still carries out
 * what it had sent, only one gets on, and nothing is applied twice.
 */
final class Applier implements AutoCloseable {
  private static final long KEEP_LANES_NANOS = Duration.ofSeconds(10).toNanos();

  private final StreamContext stream;
  private final MysqlConnection connection;
  private final Position start;
  private final String presenting;
  private final PacketLimit limit;
  private final ChangeBatch batch;
  private final ApplyPipeline pipeline;

  /** The literal of the position behind all that was handed on; null before the first time. */
  private @Nullable String position;

  /** Whether the server takes lanes; null before the first time. */
  private @Nullable Boolean sideBySide;

  private long lastAdded = System.nanoTime();
  private boolean begun;

  /** Tables that the transaction which was begun has changed. */
  private final Set<TargetTable> changed = new HashSet<>();

  /**
   * @param limit of that connection
   * @param batch what is to be handed on
   * @param start where the stream stands
   * @param presenting a statement that each transaction must find one row with; empty for none
   * @param wake called when there is room for another batch
   */
  Applier(
      StreamContext stream,
      MysqlConnection connection,
      PacketLimit limit,
      ChangeBatch batch,
      Position start,
      String presenting,
      Runnable wake) {
    this.stream = stream;
    this.connection = connection;
    this.start = start;
    this.presenting = presenting;
    this.limit = limit;
    this.batch = batch;
    this.pipeline =
        new ApplyPipeline(
            () -> DatabaseLane.open(connection.endpoint()),
            this::alone,
            reached -> stream.board().position(stream.id(), reached),
            this::most,
            wake);
  }

  private int most() {
    int wanted = stream.tuning().appliers();
    if (wanted > 1 && sideBySide == null) {
      sideBySide = DatabaseLane.isPossible(connection);
    }
    return sideBySide == null || sideBySide ? wanted : 1;
  }

  /** Whether it has no change that is not handed on. */
  boolean isEmpty() {
    return batch.isEmpty() && !begun;
  }

  /** Whether so much was gathered that it should be handed on. */
  boolean isFull() {
    return begun || batch.isFull();
  }

  /** A transaction of the source that is larger than some packets goes in several. */
  void sendIfTooLarge() throws InterruptedException {
    if (!batch.isTooLarge()) {
      return;
    }
    pipeline.drain();
    if (!begun) {
      connection.execute("BEGIN");
      begun = true;
    }
    Changes changes = batch.take();
    guardPiece(changes);
    SqlBuffer sql = new SqlBuffer();
    changes.appendTo(sql);
    changed.addAll(changes.tables());
    var _ = limit.run(connection, sql);
  }

  /**
   * Shows the server what was handed on and gathered, without keeping what was gathered.
   *
   * @throws RuntimeException what it refuses that with
   */
  void tryOut() throws InterruptedException {
    pipeline.drain();
    SqlBuffer sql = new SqlBuffer().append(begun ? "DO 0" : "BEGIN");
    begun = true;
    Changes changes = batch.take();
    TableStamp.appendGuards(sql, TableStamp.of(changes.tables()));
    changes.appendTo(sql);
    var _ = limit.run(connection, sql);
    connection.execute("ROLLBACK");
    begun = false;
  }

  /**
   * As a guard before the changes, for a piece of a transaction. Another session asks for the
   * engines: in this one a MySQL would begin a snapshot with it, which hides what becomes of tables
   * that a later piece touches first.
   */
  private void guardPiece(Changes changes) {
    List<TableStamp> stamps = TableStamp.of(changes.tables());
    if (stamps.isEmpty()) {
      return;
    }
    SqlBuffer holds = new SqlBuffer();
    TableStamp.appendHolds(holds, stamps);
    var _ = limit.run(connection, holds);
    SqlBuffer engines = new SqlBuffer();
    TableStamp.appendEngines(engines, stamps);
    try (MysqlConnection beside = MysqlConnection.open(connection.endpoint())) {
      CopySession.waitBriefly(beside);
      var _ = limit.run(beside, engines);
    }
  }

  /**
   * Hands on what was gathered, or leaves it for later when it is not much and enough is under way.
   *
   * @param reached the position behind it
   * @param time commit time of the last transaction in it, seconds; 0 for unknown
   * @return whether it was handed on
   */
  boolean saveSoon(Trail reached, long time) throws InterruptedException {
    if (begun || (!batch.isFull() && pipeline.isIdle())) {
      saveNow(reached, time, "");
      return true;
    }
    if (!batch.isFull() && !pipeline.hasRoom()) {
      return false;
    }
    pipeline.add(transaction(reached, time, ""));
    lastAdded = System.nanoTime();
    return true;
  }

  /**
   * Commits all that was gathered and handed on.
   *
   * @param also a statement that is committed with it; empty for none
   */
  void saveNow(Trail reached, long time, String also) throws InterruptedException {
    TargetTransaction transaction = transaction(reached, time, also);
    if (begun) {
      changed.addAll(transaction.changes().tables());
      guardPiece(transaction.changes());
      send(transaction, transaction.further(), TableStamp.of(changed));
      changed.clear();
      begun = false;
    } else {
      pipeline.carryOutAlone(transaction);
    }
  }

  private TargetTransaction transaction(Trail reached, long time, String also) {
    if (position == null) {
      position = stream.table().positionLiteral(connection, stream.id(), start);
    }
    String next = StoredPosition.literal(reached.text());
    String move =
        stream
            .table()
            .movePosition(stream.id(), position, next, System.currentTimeMillis() / 1000, time);
    position = next;
    String last = presenting.isEmpty() ? move : presenting + ";" + Found.ONE + ";" + move;
    return new TargetTransaction(
        batch.take(), also.isEmpty() ? last : last + ";" + also, reached.position());
  }

  private void alone(TargetTransaction transaction) throws InterruptedException {
    List<TableStamp> stamps = TableStamp.of(transaction.changes().tables());
    // The message goes with the position, or in favour of another one.
    new LockConflictRetry(stream, connection, () -> waiting(transaction.changes()))
        .retry(() -> {
          send(transaction, transaction.beginning(), stamps);
          return stamps;
        });
  }

  private static String waiting(Changes changes) {
    String names =
        changes.tables().stream().map(TargetTable::name).sorted().collect(Collectors.joining(", "));
    return names.isEmpty()
        ? "the position can't be moved on"
        : "changes can't be made to table " + names;
  }

  /** What it touched is as it was planned for, and stays so until the transaction ends. */
  private void send(TargetTransaction transaction, SqlBuffer sql, List<TableStamp> stamps) {
    try {
      if (!stamps.isEmpty()) {
        TableStamp.appendTo(sql, stamps);
        TableStamp.demandSame(stamps, limit.run(connection, sql));
        var _ = limit.run(connection, transaction.ending());
      } else {
        var _ = limit.run(connection, sql.append(transaction.ending()));
      }
    } catch (MysqlException e) {
      throw Found.isNothing(e)
          ? new RpcException(
              Status.Code.ABORTED,
              "the stream is gone, or another process applies its changes or copies its tables",
              e)
          : e;
    }
    stream.board().position(stream.id(), transaction.reached());
  }

  /** Waits until all that was handed on is committed. */
  void drain() throws InterruptedException {
    pipeline.drain();
  }

  /** Gives back what has not been needed for a while. */
  void tidy() throws InterruptedException {
    if (pipeline.isIdle() && System.nanoTime() - lastAdded > KEEP_LANES_NANOS) {
      pipeline.closeIdleLanes();
    }
  }

  /** Ends what is under way at once. */
  void kill() {
    pipeline.kill();
  }

  /** What was not handed on is rolled back; of the rest nothing is under way on return. */
  @Override
  public void close() {
    try (pipeline) {
      if (begun && !connection.isClosed()) {
        connection.execute("ROLLBACK");
      }
    }
  }
}

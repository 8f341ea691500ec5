package dev.shunt.tablet.vreplication.copying;

import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.vreplication.stream.CopyNotes;
import dev.shunt.tablet.vreplication.stream.LockConflictRetry;
import dev.shunt.tablet.vreplication.stream.StreamContext;
import dev.shunt.tablet.vreplication.writing.LoadText;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.RowInserts;
import dev.shunt.tablet.vreplication.writing.TableStamp;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import io.vitess.proto.Query;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Loads the rows of a part of a table in chunks, several at a time over connections of their own,
 * by LOAD DATA LOCAL. Rows and the key of the last of them are committed together and strictly in
 * the order of the chunks, so that the key says what is copied, whenever the copy is cut off.
 *
 * <pre>
 *   chunk 1  BEGIN  LOAD ─────────▶ key 1 COMMIT
 *   chunk 2    BEGIN  LOAD ──────▶ (waits)      key 2 COMMIT
 *   chunk 3                              BEGIN  LOAD ──────────▶ key 3 COMMIT
 * </pre>
 *
 * <p>A chunk notes its key only behind the very key that its predecessor noted. So of two processes
 * that copy the same rows, for instance when a tablet was killed and its database still carries out
 * what it had sent, only one gets on.
 */
final class ChunkLoader {
  /** The warning that comes with an ENUM which holds none of its elements. */
  private static final int TRUNCATED = 1265;

  private final StreamContext stream;
  private final LoadPool pool;
  private final TargetTable plan;
  private final boolean replace;
  private final CopyNotes notes;
  private final String statement;
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
  private CompletableFuture<Long> last;

  /**
   * @param replace whether rows may be there already; as such rows lock more than themselves, they
   *     are loaded one chunk at a time
   * @param notes where it is noted how far this is
   */
  ChunkLoader(
      StreamContext stream, LoadPool pool, TargetTable plan, boolean replace, CopyNotes notes) {
    this.stream = stream;
    this.pool = pool;
    this.plan = plan;
    this.replace = replace;
    this.notes = notes;
    this.statement = plan.statements().loadStatement(replace);
    this.last = CompletableFuture.completedFuture(notes.first());
  }

  /** An empty buffer for the rows of a chunk. */
  LoadText buffer() {
    return pool.buffer();
  }

  /**
   * Hands over a chunk; waits while all writers are busy.
   *
   * @param rows become the loader's
   * @param lastKey key of the last row
   * @throws RuntimeException what an earlier chunk failed with
   */
  void load(LoadText rows, Query.Row lastKey) throws InterruptedException {
    throwIfFailed();
    CompletableFuture<Long> before = last;
    CompletableFuture<Long> noted = new CompletableFuture<>();
    last = noted;
    pool.write(() -> {
      try {
        if (replace) {
          var unused = before.join();
        }
        noted.complete(loadAndNote(rows, lastKey, before));
        stream.board().notifyListeners(stream.id());
        pool.giveBack(rows);
      } catch (CompletionException | CancellationException e) {
        noted.cancel(false); // the chunk before this one failed and has said why
      } catch (RuntimeException e) {
        failure.compareAndSet(null, e);
        noted.cancel(false);
      } catch (Error e) { // such as no memory: whoever waits must learn of it
        failure.compareAndSet(null, new IllegalStateException("loading failed: " + e, e));
        noted.cancel(false);
      } catch (InterruptedException e) {
        noted.cancel(false);
      }
    });
  }

  /**
   * Waits until all chunks are committed; throws what one of them failed with.
   *
   * @return mark of the last note
   */
  long finish() throws InterruptedException {
    try {
      return last.get();
    } catch (ExecutionException | CancellationException e) {
      throwIfFailed();
      throw new InterruptedException("the copy of " + plan.name() + " was given up");
    }
  }

  private void throwIfFailed() {
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private long loadAndNote(LoadText rows, Query.Row lastKey, CompletableFuture<Long> before)
      throws InterruptedException {
    MysqlConnection connection = pool.take();
    List<TableStamp> stamps = TableStamp.of(List.of(plan));
    boolean good = false;
    try {
      LockConflictRetry conflicts =
          new LockConflictRetry(
              stream, connection, () -> "rows can't be copied into table " + plan.name());
      long noted =
          conflicts.retry(() -> {
            begin(connection, stamps);
            load(connection, rows);
            insertAside(connection, rows);
            TableStamp.demandSame(connection, stamps);
            return note(connection, rows, lastKey, before.join());
          });
      conflicts.clear();
      good = true;
      return noted;
    } finally {
      if (good) {
        pool.giveBack(connection);
      } else {
        connection.abort(); // the server rolls back
      }
    }
  }

  private static void begin(MysqlConnection connection, List<TableStamp> stamps) {
    SqlBuffer sql = new SqlBuffer().append("BEGIN");
    TableStamp.appendGuards(sql, stamps);
    var unused = connection.executeMulti(sql.toByteArray());
  }

  /** The server turns bad values into warnings and skips what is there already: both are errors. */
  private void load(MysqlConnection connection, LoadText rows) {
    if (rows.lines() == 0) {
      return;
    }
    QueryResult loaded = connection.loadDataLocal(statement, rows::writeTo);
    boolean all =
        replace ? loaded.affectedRows() >= rows.lines() : loaded.affectedRows() == rows.lines();
    if (loaded.warnings() > rows.warnings() || !all) {
      throw refused(connection, rows, loaded);
    }
  }

  private void insertAside(MysqlConnection connection, LoadText rows) {
    if (rows.aside().isEmpty()) {
      return;
    }
    PacketLimit limit = PacketLimit.of(connection);
    SqlBuffer sql = new SqlBuffer();
    RowInserts inserts =
        new RowInserts(
            sql, plan, replace ? RowInserts.Existing.REPLACED : RowInserts.Existing.REFUSED, limit);
    rows.aside().forEach(inserts::add);
    inserts.end();
    var unused = limit.run(connection, sql);
  }

  private MysqlException refused(MysqlConnection connection, LoadText rows, QueryResult loaded) {
    List<Row> warnings = connection.execute("SHOW WARNINGS").rows();
    if (warnings.isEmpty()) {
      return new MysqlException(
          1105,
          "HY000",
          "of %d rows for %s %d were taken: %s"
              .formatted(rows.lines(), plan.name(), loaded.affectedRows(), loaded.info()));
    }
    Row first =
        warnings.stream()
            .filter(row -> rows.warnings() == 0 || row.number(1) != TRUNCATED)
            .findFirst()
            .orElseGet(warnings::getFirst);
    return new MysqlException(
        (int) first.number(1), "HY000", "loading " + plan.name() + ": " + first.text(2));
  }

  private long note(MysqlConnection connection, LoadText rows, Query.Row lastKey, long before) {
    byte[] note = notes.statements(before, lastKey, rows.rows());
    long noted = notes.noted(before, connection.executeMulti(note));
    connection.execute("COMMIT");
    return noted;
  }

  /** Whether a server lets clients send data for LOAD DATA; MySQL's default is no. */
  static boolean isPossible(MysqlConnection connection) {
    return connection.execute("SELECT @@GLOBAL.local_infile").only().text(0).equals("1");
  }
}

package dev.shunt.tablet.vreplication;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.QueryResult;
import dev.shunt.mysql.Row;
import io.vitess.proto.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Loads the rows of one table in chunks, several at a time over connections of their own, by LOAD
 * DATA LOCAL. Rows and the key of the last of them are committed together and strictly in the order
 * of the chunks, so that the key says what is copied, whenever the copy is cut off.
 *
 * <pre>
 *   chunk 1  BEGIN  LOAD ─────────▶ key 1 COMMIT
 *   chunk 2    BEGIN  LOAD ──────▶ (waits)      key 2 COMMIT
 *   chunk 3                              BEGIN  LOAD ──────────▶ key 3 COMMIT
 * </pre>
 *
 * <p>A chunk notes its key only behind the very key that its predecessor noted. So of two processes
 * that copy the same table, for instance when a tablet was killed and its database still carries
 * out what it had sent, only one gets on.
 */
final class ChunkLoader implements AutoCloseable {
  private final StreamContext stream;
  private final TargetTable plan;
  private final boolean replace;
  private final String statement;
  private final MysqlEndpoint database;
  private final Semaphore free;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ConcurrentLinkedQueue<MysqlConnection> idle = new ConcurrentLinkedQueue<>();
  private final List<MysqlConnection> opened = new ArrayList<>();
  private final ConcurrentLinkedQueue<LoadText> buffers = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
  private final IntSupplier wantedWriters;
  private int writers;
  private CompletableFuture<Long> last;
  private volatile boolean closed;

  /**
   * @param database the target, with its database as default
   * @param replace whether rows may be there already
   * @param noted id of the newest note of where the copy of this table is
   * @param wantedWriters how many chunks are to be loaded at a time; asked before each chunk
   */
  ChunkLoader(
      StreamContext stream,
      MysqlEndpoint database,
      TargetTable plan,
      boolean replace,
      long noted,
      IntSupplier wantedWriters) {
    this.stream = stream;
    this.database = database;
    this.plan = plan;
    this.replace = replace;
    this.statement = plan.loadStatement(replace);
    this.wantedWriters = wantedWriters;
    this.writers = wantedWriters.getAsInt();
    this.free = new Semaphore(writers);
    this.last = CompletableFuture.completedFuture(noted);
  }

  /** An empty buffer for the rows of a chunk. */
  LoadText buffer() {
    LoadText buffer = buffers.poll();
    return buffer == null
        ? new LoadText(LoadingWriter.CHUNK_BYTES + LoadingWriter.CHUNK_BYTES / 8)
        : buffer;
  }

  /**
   * Hands over a chunk; waits while all writers are busy.
   *
   * @param rows become the loader's
   * @param lastPk key of the last row
   * @throws RuntimeException what an earlier chunk failed with
   */
  void load(LoadText rows, Query.QueryResult lastPk) throws InterruptedException {
    resize();
    free.acquire();
    throwIfFailed();
    CompletableFuture<Long> before = last;
    CompletableFuture<Long> noted = new CompletableFuture<>();
    last = noted;
    executor.execute(() -> {
      try {
        noted.complete(loadAndNote(rows, lastPk, before));
        stream.board().tell(stream.id());
        rows.clear();
        buffers.add(rows);
      } catch (CompletionException | CancellationException e) {
        noted.cancel(false); // the chunk before this one failed and has said why
      } catch (RuntimeException e) {
        failure.compareAndSet(null, e);
        noted.cancel(false);
      } catch (InterruptedException e) {
        noted.cancel(false);
      } finally {
        free.release();
      }
    });
  }

  /** Fewer writers are there only when those too many are through with their chunks. */
  private void resize() throws InterruptedException {
    int wanted = wantedWriters.getAsInt();
    if (wanted > writers) {
      free.release(wanted - writers);
    } else if (wanted < writers) {
      free.acquire(writers - wanted);
    }
    writers = wanted;
  }

  /** Waits until all chunks are committed; throws what one of them failed with. */
  void finish() throws InterruptedException {
    free.acquire(writers);
    free.release(writers);
    throwIfFailed();
  }

  private void throwIfFailed() {
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private long loadAndNote(LoadText rows, Query.QueryResult lastPk, CompletableFuture<Long> before)
      throws InterruptedException {
    MysqlConnection connection = connection();
    boolean good = false;
    try {
      long noted =
          LockConflicts.retry(
              connection,
              () -> {
                connection.execute("BEGIN");
                load(connection, rows);
                return note(connection, rows, lastPk, before.join());
              });
      good = true;
      return noted;
    } finally {
      if (good) {
        idle.add(connection);
      } else {
        connection.abort(); // the server rolls back
      }
    }
  }

  /** The server turns bad values into warnings and skips what is there already: both are errors. */
  private void load(MysqlConnection connection, LoadText rows) {
    QueryResult loaded = connection.loadDataLocal(statement, rows::writeTo);
    boolean all =
        replace ? loaded.affectedRows() >= rows.rows() : loaded.affectedRows() == rows.rows();
    if (loaded.warnings() > rows.warnings() || !all) {
      throw refused(connection, rows, loaded);
    }
  }

  private MysqlException refused(MysqlConnection connection, LoadText rows, QueryResult loaded) {
    List<Row> warnings = connection.execute("SHOW WARNINGS LIMIT 1").rows();
    if (warnings.isEmpty()) {
      return new MysqlException(
          1105,
          "HY000",
          "of %d rows for %s %d were taken: %s"
              .formatted(rows.rows(), plan.name(), loaded.affectedRows(), loaded.info()));
    }
    Row first = warnings.getFirst();
    return new MysqlException(
        (int) first.number(1), "HY000", "loading " + plan.name() + ": " + first.text(2));
  }

  private long note(
      MysqlConnection connection, LoadText rows, Query.QueryResult lastPk, long before) {
    byte[] note = stream.table().saveLastPk(stream.id(), plan.name(), before, lastPk, rows.rows());
    long noted = StreamTable.noted(plan.name(), connection.executeMulti(note));
    connection.execute("COMMIT");
    return noted;
  }

  private MysqlConnection connection() {
    MysqlConnection free = idle.poll();
    if (free != null) {
      return free;
    }
    MysqlConnection fresh = MysqlConnection.open(database, ConnectOptions.DEFAULT);
    synchronized (opened) {
      opened.add(fresh);
    }
    if (closed) {
      fresh.abort();
    }
    return CopySession.prepare(fresh);
  }

  /** Gives up what is not committed; on return nothing of it is under way. */
  @Override
  public void close() {
    closed = true;
    List<MysqlConnection> connections;
    synchronized (opened) {
      connections = List.copyOf(opened);
    }
    if (free.availablePermits() == writers) {
      connections.forEach(MysqlConnection::close);
    } else {
      connections.forEach(MysqlConnection::abort);
      executor.shutdownNow();
    }
    executor.close();
  }

  /** Whether a server lets clients send data for LOAD DATA; MySQL's default is no. */
  static boolean isPossible(MysqlConnection connection) {
    return connection.execute("SELECT @@GLOBAL.local_infile").only().text(0).equals("1");
  }
}

package dev.shunt.tablet.vreplication.copying;

import dev.shunt.mysql.ConnectOptions;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.tablet.vreplication.writing.CopySession;
import dev.shunt.tablet.vreplication.writing.LoadText;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** What all that a stream copies at a time shares: a number of writers, connections, buffers. */
final class LoadPool implements AutoCloseable {
  private final MysqlEndpoint database;
  private final IntSupplier wanted;
  private final Semaphore free = new Semaphore(0, true);
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ConcurrentLinkedQueue<MysqlConnection> idle = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<LoadText> buffers = new ConcurrentLinkedQueue<>();
  private final List<MysqlConnection> opened = new ArrayList<>();
  private int writers;
  private volatile boolean closed;

  /**
   * @param database the target, with its database as default
   * @param wanted how many chunks are to be written at a time; asked before each chunk
   */
  LoadPool(MysqlEndpoint database, IntSupplier wanted) {
    this.database = database;
    this.wanted = wanted;
  }

  /** Waits while all writers are busy, then carries a task out on a thread of its own. */
  void write(Runnable task) throws InterruptedException {
    resize();
    free.acquire();
    executor.execute(() -> {
      try {
        task.run();
      } finally {
        free.release();
      }
    });
  }

  /** Fewer writers are there only when those too many are through with their chunks. */
  private synchronized void resize() throws InterruptedException {
    int now = wanted.getAsInt();
    if (now > writers) {
      free.release(now - writers);
    } else if (now < writers) {
      free.acquire(writers - now);
    }
    writers = now;
  }

  /** An empty buffer for the rows of a chunk. */
  LoadText buffer() {
    LoadText buffer = buffers.poll();
    return buffer == null
        ? new LoadText(LoadingWriter.CHUNK_BYTES + LoadingWriter.CHUNK_BYTES / 8)
        : buffer;
  }

  /** Takes a buffer back. */
  void giveBack(LoadText buffer) {
    buffer.clear();
    buffers.add(buffer);
  }

  /** A connection to copy over; the caller gives it back, or aborts it. */
  MysqlConnection take() {
    MysqlConnection used = idle.poll();
    return used == null ? open() : used;
  }

  /** A connection that nobody else uses; it goes with this at the latest. */
  MysqlConnection open() {
    MysqlConnection fresh = MysqlConnection.open(database, ConnectOptions.DEFAULT.withFoundRows());
    synchronized (opened) {
      opened.add(fresh);
    }
    if (closed) {
      fresh.abort();
    }
    return CopySession.prepare(fresh);
  }

  /** Takes a connection back, in no transaction and with its settings as they were. */
  void giveBack(MysqlConnection connection) {
    idle.add(connection);
  }

  /** Does something over a connection. */
  void with(Consumer<MysqlConnection> work) {
    MysqlConnection connection = take();
    boolean good = false;
    try {
      work.accept(connection);
      good = true;
    } finally {
      if (good) {
        giveBack(connection);
      } else {
        connection.abort();
      }
    }
  }

  /** Gives up what is not committed; on return nothing of it is under way. */
  @Override
  public void close() {
    closed = true;
    List<MysqlConnection> connections;
    synchronized (opened) {
      connections = List.copyOf(opened);
    }
    for (MysqlConnection connection : connections) {
      if (idle.contains(connection)) {
        connection.close();
      } else {
        connection.abort();
      }
    }
    executor.shutdownNow();
    executor.close();
  }
}

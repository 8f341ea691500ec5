package dev.shunt.bench.catchup;

import dev.shunt.bench.server.Instance;
import dev.shunt.bench.server.OnlineCopy;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.Row;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Stops a stream in the middle of its copy, between two tables: the first is copied, the second,
 * the gate, is not. A lock on the gate in the target database holds its rows up, however the tablet
 * copies; the stream is stopped the usual way while they wait. What is written to the first table
 * then is a backlog that the tablet has to catch up before it can go on with the copy.
 */
final class GatedCopy {
  private static final Duration PATIENCE = Duration.ofMinutes(60);
  private static final Duration STOPPING = Duration.ofSeconds(25);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final OnlineCopy stream;
  private final Instance target;
  private final String table;
  private final String gate;

  GatedCopy(OnlineCopy stream, Instance target, String table, String gate) {
    this.stream = stream;
    this.target = target;
    this.table = table;
    this.gate = gate;
  }

  /**
   * Creates tables and stream, and stops it there.
   *
   * @throws IllegalStateException when the copy does not get there
   */
  void run() throws InterruptedException {
    List<String> tables = List.of(table, gate);
    stream.createTables(tables);
    stream.createStream(tables, true);
    try (MysqlConnection lock = target.connect();
        MysqlConnection looking = target.connect()) {
      lock.execute("LOCK TABLES " + gate + " READ");
      stream.start();
      awaitGate(looking);
      // The tablet may wait for the rows that the lock holds up; then it has to go first.
      Thread stopping = Thread.ofVirtual().start(stream::stop);
      if (!stopping.join(STOPPING)) {
        lock.execute("UNLOCK TABLES");
        stopping.join();
      }
      if (!pending(looking).equals(Set.of(gate))) {
        throw new IllegalStateException(
            "the copy went past the gate; still to copy: " + pending(looking));
      }
    }
  }

  private void awaitGate(MysqlConnection looking) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean begun = false;
    while (true) {
      Set<String> pending = pending(looking);
      begun |= pending.contains(table);
      if (begun && pending.equals(Set.of(gate))) {
        return;
      }
      boolean past = begun && pending.isEmpty();
      if (past || System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "the copy does not stop at the gate: still to copy %s, %s"
                .formatted(pending, stream.stream().getMessage()));
      }
      TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
    }
  }

  private static Set<String> pending(MysqlConnection looking) {
    return looking.execute("SELECT DISTINCT table_name FROM _vt.copy_state").rows().stream()
        .map((Row row) -> row.text(0))
        .collect(Collectors.toSet());
  }
}

package dev.shunt.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.Stalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class SnapshotIT {
  private static final int WRITERS = 4;
  private static final int SNAPSHOTS = 24;

  @Parameter TestServer server;
  private MysqlEndpoint endpoint;

  @BeforeEach
  void createTable() {
    endpoint = server.database("snapshot_it");
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      connection.execute("CREATE TABLE t (a BIGINT AUTO_INCREMENT PRIMARY KEY, b INT)");
      connection.execute("CREATE TABLE u (a BIGINT AUTO_INCREMENT PRIMARY KEY, b INT)");
    }
  }

  @Test
  void readsSqlInOneWayWhateverTheServersModeIs() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      String mode = connection.execute("SELECT @@GLOBAL.sql_mode").only().text(0);
      connection.execute(
          "SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,NO_ZERO_DATE'");
      try (Snapshot snapshot = Snapshot.open(endpoint, List.of("t"))) {
        Row row =
            snapshot
                .connection()
                .execute("SELECT '\\'', @@net_write_timeout, @@wait_timeout, @@sql_mode")
                .only();
        assertThat(row.text(0)).isEqualTo("'");
        assertThat(row.number(1)).isEqualTo(600);
        assertThat(row.number(2)).isEqualTo(28_800);
        assertThat(row.text(3)).isEqualTo("ALLOW_INVALID_DATES");
      } finally {
        connection.execute("SET GLOBAL sql_mode = " + SqlText.literal(mode));
      }
    }
  }

  @Test
  void isRefusedWhileTransactionsStayPrepared() {
    try (MysqlConnection writer = MysqlConnection.open(endpoint)) {
      writer.execute("XA START 'snapshot_it'");
      writer.execute("INSERT INTO t (b) VALUES (100)");
      writer.execute("XA END 'snapshot_it'");
      writer.execute("XA PREPARE 'snapshot_it'");
      try {
        for (List<String> tables : List.of(List.of("t"), List.of("u"), List.of("t", "u"))) {
          assertThatExceptionOfType(UnfitForSnapshotException.class)
              .isThrownBy(() -> Snapshot.open(endpoint, tables, 1, Duration.ofMillis(200)).close())
              .withMessageContaining("XA ROLLBACK and start again: 'snapshot_it'");
        }
      } finally {
        writer.execute("XA COMMIT 'snapshot_it'");
      }
      try (Snapshot snapshot = Snapshot.open(endpoint, List.of("t"))) {
        assertThat(snapshot.connection().execute("SELECT b FROM t").only().number(0))
            .isEqualTo(100);
      }
    }
  }

  /** Each transaction adds one row, so rows and transactions must be equally many. */
  @Test
  void showsExactlyTheTransactionsOfItsPosition() throws Exception {
    long before = transactions(currentPosition());
    AtomicBoolean stopped = new AtomicBoolean();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(executor.submit(() -> write(stopped)));
      }
      try {
        for (int i = 0; i < SNAPSHOTS; i++) {
          snapshotIsExact(i % 3 == 2 ? 4 : 1, before);
        }
      } finally {
        stopped.set(true);
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    }
  }

  private void snapshotIsExact(int connections, long before) {
    try (Snapshot snapshot =
        Snapshot.open(endpoint, List.of("t", "u"), connections, Duration.ofSeconds(30))) {
      long expected = transactions(snapshot.position()) - before;
      assertThat(snapshot.connections()).hasSize(connections);
      for (MysqlConnection connection : snapshot.connections()) {
        assertThat(rows(connection)).isEqualTo(expected);
        assertThat(connection.inTransaction()).isTrue();
      }
    }
  }

  private static long rows(MysqlConnection connection) {
    return connection
        .execute("SELECT (SELECT COUNT(*) FROM t) + (SELECT COUNT(*) FROM u)")
        .only()
        .number(0);
  }

  private void write(AtomicBoolean stopped) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      for (int i = 0; !stopped.get(); i++) {
        connection.execute("INSERT INTO " + (i % 2 == 0 ? "t" : "u") + " (b) VALUES (1)");
      }
    }
  }

  @Test
  void staysAsItIsAndRefusesWrites() {
    try (Snapshot snapshot = Snapshot.open(endpoint, List.of("t"));
        MysqlConnection writer = MysqlConnection.open(endpoint)) {
      writer.execute("INSERT INTO t (b) VALUES (1)");
      assertThat(rows(snapshot.connection())).isZero();
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> snapshot.connection().execute("INSERT INTO t (b) VALUES (1)"))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(1792));
      assertThat(currentPosition().atLeast(snapshot.position())).isTrue();
      assertThat(snapshot.position().atLeast(currentPosition())).isFalse();
    }
  }

  /** Who writes queues behind a lock that is asked for, so it is not asked for without end. */
  @Test
  void othersWaitFourSecondsAtMostForALockThatIsNotToBeHad() {
    try (Stalls stalls = new Stalls()) {
      assertThat(longestWait(List.of("t"), "BEGIN", "INSERT INTO t (b) VALUES (1)"))
          .isLessThan(Duration.ofMillis(4900).plus(stalls.sum()));
    }
    try (Stalls stalls = new Stalls()) {
      assertThat(longestWait(List.of("t", "u"), "LOCK TABLES u WRITE"))
          .as("the third try waits for four seconds")
          .isBetween(Duration.ofMillis(2500), Duration.ofMillis(4900).plus(stalls.sum()));
    }
  }

  /** The longest INSERT beside snapshots that what the holder does keeps from being taken. */
  private Duration longestWait(List<String> tables, String... holds) {
    try (MysqlConnection holder = MysqlConnection.open(endpoint);
        MysqlConnection other = MysqlConnection.open(endpoint)) {
      for (String statement : holds) {
        holder.execute(statement);
      }
      List<CompletableFuture<Void>> snapshots = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        snapshots.add(end);
        Thread.ofVirtual()
            .start(() -> {
              try {
                Snapshot.open(endpoint, tables, 1, Duration.ofSeconds(8)).close();
                end.complete(null);
              } catch (RuntimeException e) {
                end.completeExceptionally(e);
              }
            });
      }
      Duration longest = Duration.ZERO;
      while (!snapshots.stream().allMatch(CompletableFuture::isDone)) {
        long from = System.nanoTime();
        other.execute("INSERT INTO t (b) VALUES (2)");
        Duration took = Duration.ofNanos(System.nanoTime() - from);
        longest = took.compareTo(longest) > 0 ? took : longest;
        LockSupport.parkNanos(5_000_000);
      }
      for (CompletableFuture<Void> snapshot : snapshots) {
        assertThatThrownBy(snapshot::join).hasMessageContaining("1205");
      }
      return longest;
    }
  }

  @Test
  void aTransactionThatWritesDelaysItButNeverForEver() {
    try (MysqlConnection writer = MysqlConnection.open(endpoint)) {
      writer.execute("BEGIN");
      writer.execute("INSERT INTO t (b) VALUES (1)");
      assertThatExceptionOfType(MysqlException.class)
          .isThrownBy(() -> Snapshot.open(endpoint, List.of("t"), 1, Duration.ZERO))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(1205))
          .withMessageContaining("transactions of others kept table t from being locked");
      try (Snapshot snapshot = Snapshot.open(endpoint, List.of("u"), 1, Duration.ZERO)) {
        assertThat(rows(snapshot.connection())).isZero();
      }
      writer.execute("COMMIT");
      try (Snapshot snapshot = Snapshot.open(endpoint, List.of("t"), 1, Duration.ZERO)) {
        assertThat(rows(snapshot.connection())).isEqualTo(1);
      }
    }
  }

  @Test
  void waitsForAPosition() throws Exception {
    try (MysqlConnection waiter = MysqlConnection.open(endpoint);
        MysqlConnection writer = MysqlConnection.open(endpoint)) {
      Position now = Positions.current(waiter);
      assertThat(Position.parse(now.encoded())).isEqualTo(now);
      assertThat(Positions.waitFor(waiter, now, Duration.ZERO)).isTrue();
      Position next = following(now);
      assertThat(Positions.waitFor(waiter, next, Duration.ZERO)).isFalse();
      assertThat(Positions.waitFor(waiter, next, Duration.ofMillis(50))).isFalse();
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<Boolean> waited =
            executor.submit(() -> Positions.waitFor(waiter, next, Duration.ofSeconds(20)));
        writer.execute("INSERT INTO t (b) VALUES (1)");
        assertThat(waited.get()).isTrue();
      }
      assertThat(Positions.current(waiter)).isEqualTo(next);
      Position foreign =
          Flavor.MYSQL.positions().takes(now)
              ? Position.parse("MariaDB/0-1-1")
              : Position.parse("MySQL56/");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Positions.waitFor(waiter, foreign, Duration.ZERO));
    }
  }

  private Position currentPosition() {
    try (MysqlConnection connection = MysqlConnection.open(endpoint)) {
      return Positions.current(connection);
    }
  }

  private static Position following(Position position) {
    if (position instanceof MysqlPosition mysql) {
      MysqlPosition.Source source = mysql.intervals().firstKey();
      return mysql.with(source.uuid() + ":" + (transactions(mysql) + 1));
    }
    MariaDbPosition.Gtid last = MariaDbPosition.of(position).last().values().iterator().next();
    return position.with(
        new MariaDbPosition.Gtid(last.domain(), last.server(), last.sequence() + 1).toString());
  }

  private static long transactions(Position position) {
    return position instanceof MysqlPosition mysql
        ? mysql.intervals().values().stream()
            .flatMap(List::stream)
            .mapToLong(interval -> interval.last() - interval.first() + 1)
            .sum()
        : MariaDbPosition.of(position).last().values().stream()
            .mapToLong(MariaDbPosition.Gtid::sequence)
            .sum();
  }
}

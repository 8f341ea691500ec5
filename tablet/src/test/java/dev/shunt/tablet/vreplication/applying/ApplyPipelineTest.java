package dev.shunt.tablet.vreplication.applying;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.mysql.Flavor;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.schema.ColumnSchema;
import dev.shunt.tablet.schema.SqlBuffer;
import dev.shunt.tablet.schema.TableSchema;
import dev.shunt.tablet.vreplication.writing.PacketLimit;
import dev.shunt.tablet.vreplication.writing.TargetTable;
import io.vitess.proto.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions are carried out side by side, and nobody can tell from what is committed. */
@Timeout(60)
class ApplyPipelineTest {
  private static final TargetTable TABLE = table();

  private final LockingRows database = new LockingRows(key -> key, 5000);
  private final List<Position> committed = new CopyOnWriteArrayList<>();
  private final AtomicInteger most = new AtomicInteger(3);
  private int number;

  private static TargetTable table() {
    List<ColumnSchema> columns = List.of(column("id", false), column("v", true));
    TableSchema schema = new TableSchema("t", columns, List.of("id"), true, "PRIMARY", 1);
    List<Query.Field> fields =
        Stream.of("id", "v").map(name -> Query.Field.newBuilder().setName(name).build()).toList();
    return new TargetTable(schema, Flavor.MYSQL, true, fields);
  }

  private static ColumnSchema column(String name, boolean nullable) {
    return new ColumnSchema(name, "int", "int", 0, "", "", 63, nullable, false, false, false);
  }

  private ApplyPipeline pipeline(LockingRows rows) {
    return new ApplyPipeline(
        rows::open, transaction -> alone(rows, transaction), committed::add, most::get, () -> {});
  }

  /** Over a connection of its own, again until no lock is in the way. */
  private void alone(LockingRows rows, TargetTransaction transaction) {
    ApplyPipeline.Lane lane = rows.open();
    while (true) {
      try {
        lane.run(transaction.whole(), Set.of());
        committed.add(transaction.reached());
        lane.close();
        return;
      } catch (MysqlException e) {
        lane.rollback();
        if (e.errno() != LockingRows.LOCK_WAIT_TIMEOUT) {
          throw e;
        }
      }
    }
  }

  /** The next transaction, which sets rows to a value. */
  private TargetTransaction setting(int value, int... keys) {
    ChangeBatch batch = new ChangeBatch(false, new PacketLimit(1 << 24), false);
    for (int key : keys) {
      byte[] id = bytes(key);
      batch.update(TABLE, new byte[][] {id, bytes(0)}, new byte[][] {id, bytes(value)});
    }
    return next(batch);
  }

  /** The next transaction, whose only statement must not come before others. */
  private TargetTransaction ordered(int key, int value) {
    return next(
        new Changes(
            List.of(), new SqlBuffer().append("SET (" + key + "," + value + ")"), Set.of(), false));
  }

  private TargetTransaction next(ChangeBatch batch) {
    return next(batch.take());
  }

  private TargetTransaction next(Changes changes) {
    number++;
    return new TargetTransaction(
        changes, "position " + number, Position.parse("MariaDB/0-1-" + number));
  }

  private static byte[] bytes(int number) {
    return Integer.toString(number).getBytes(US_ASCII);
  }

  private void assertInOrder(LockingRows rows, int last) {
    List<Integer> all = IntStream.rangeClosed(1, last).boxed().toList();
    assertThat(rows.positions()).isEqualTo(all);
    assertThat(committed)
        .isEqualTo(all.stream().map(n -> Position.parse("MariaDB/0-1-" + n)).toList());
  }

  @Test
  void laterOnesDoTheirPartMeanwhileAndCommitAfterwards() throws InterruptedException {
    ApplyPipeline.Lane holder = database.open();
    holder.run(new SqlBuffer().append("(1,0)"), Set.of());
    try (ApplyPipeline pipeline = pipeline(database)) {
      pipeline.add(setting(10, 1));
      pipeline.add(setting(20, 2));
      pipeline.add(setting(30, 3));
      assertThat(pipeline.hasRoom()).isFalse();
      awaitLocked(2);
      awaitLocked(3);
      assertThat(database.positions()).isEmpty();

      holder.rollback();
      pipeline.drain();
      assertThat(pipeline.isIdle()).isTrue();
    }
    assertInOrder(database, 3);
    assertThat(database.rows()).isEqualTo(Map.of(1, 10, 2, 20, 3, 30));
    assertThat(database.timeouts()).isZero();
  }

  private void awaitLocked(int key) {
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.isLocked(key));
  }

  @Test
  void whatAnEarlierOneChangesAsWellAndWhatHasAnOrderWaits() throws InterruptedException {
    ApplyPipeline.Lane holder = database.open();
    holder.run(new SqlBuffer().append("(1,0)"), Set.of());
    try (ApplyPipeline pipeline = pipeline(database)) {
      pipeline.add(setting(10, 1, 7));
      pipeline.add(setting(20, 2, 7));
      pipeline.add(ordered(4, 40));
      awaitLocked(2);
      holder.rollback();
      pipeline.drain();
    }
    assertInOrder(database, 3);
    assertThat(database.rows()).isEqualTo(Map.of(1, 10, 2, 20, 7, 20, 4, 40));
    assertThat(database.timeouts()).as("nothing was in the way of others").isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void sameAsOneAfterAnotherThoughLocksGoInCircles(long seed) throws InterruptedException {
    // Writing a row locks its neighbour, which another transaction may write before its turn.
    LockingRows rows = new LockingRows(key -> key ^ 1, 20);
    Random random = new Random(seed);
    Map<Integer, Integer> wanted = new TreeMap<>();
    int transactions = 150;
    try (ApplyPipeline pipeline = pipeline(rows)) {
      for (int i = 1; i <= transactions; i++) {
        int[] keys = random.ints(1 + random.nextInt(4), 0, 40).distinct().toArray();
        most.set(1 + random.nextInt(6));
        if (random.nextInt(10) == 0) {
          pipeline.add(ordered(keys[0], i));
          wanted.put(keys[0], i);
        } else {
          pipeline.add(setting(i, keys));
          for (int key : keys) {
            wanted.put(key, i);
          }
        }
        if (random.nextInt(20) == 0) {
          pipeline.carryOutAlone(setting(0));
          i++;
        }
      }
      pipeline.drain();
    }
    assertThat(rows.rows()).as("seed %d", seed).isEqualTo(wanted);
    assertInOrder(rows, number);
  }

  @Test
  void breaksACircleThatTheDatabaseDoesNotSee() throws InterruptedException {
    LockingRows rows = new LockingRows(key -> key ^ 1, 300);
    ApplyPipeline.Lane holder = rows.open();
    holder.run(new SqlBuffer().append("(0,0)"), Set.of());
    try (ApplyPipeline pipeline = pipeline(rows)) {
      pipeline.add(setting(10, 0, 4));
      pipeline.add(setting(20, 5, 0)); // has the lock of 4 and waits to be the first
      Awaitility.await().until(() -> rows.isLocked(5));
      holder.rollback();
      pipeline.drain();
    }
    assertThat(rows.timeouts()).isPositive();
    assertInOrder(rows, 2);
    assertThat(rows.rows()).isEqualTo(Map.of(0, 20, 4, 10, 5, 20));
  }

  @Test
  void tellsWhatTheFirstFailsWithAndGivesUpTheOthers() throws InterruptedException {
    database.refuse(2);
    database.refuse(3);
    ApplyPipeline.Lane holder = database.open();
    holder.run(new SqlBuffer().append("(1,0)"), Set.of());
    try (ApplyPipeline pipeline = pipeline(database)) {
      pipeline.add(setting(10, 1));
      pipeline.add(setting(20, 2));
      pipeline.add(setting(30, 3));
      holder.rollback();
      assertThatThrownBy(pipeline::drain)
          .isInstanceOf(MysqlException.class)
          .hasMessageContaining("Duplicate");
    }
    assertInOrder(database, 1);
    assertThat(database.rows()).isEqualTo(Map.of(1, 10));
  }

  @Test
  void afterAConflictSomeGoAlone() throws InterruptedException {
    LockingRows rows = new LockingRows(key -> key ^ 1, 50);
    List<Boolean> idle = new ArrayList<>();
    try (ApplyPipeline pipeline = pipeline(rows)) {
      while (rows.timeouts() == 0) {
        pipeline.add(setting(1, 2));
        pipeline.add(setting(1, 3));
        pipeline.drain();
      }
      for (int i = 0; i < 8; i++) {
        pipeline.add(setting(i, 10 + 2 * i));
        idle.add(pipeline.isIdle());
      }
      assertThat(idle).containsOnly(true);
      ApplyPipeline.Lane holder = rows.open();
      holder.run(new SqlBuffer().append("(50,0)"), Set.of());
      pipeline.add(setting(1, 50));
      assertThat(pipeline.isIdle()).as("side by side again").isFalse();
      holder.rollback();
      pipeline.drain();
    }
    assertInOrder(rows, number);
  }

  @Test
  void nothingIsUnderWayAfterItWasKilled() throws InterruptedException {
    ApplyPipeline.Lane holder = database.open();
    holder.run(new SqlBuffer().append("(1,0)"), Set.of());
    ApplyPipeline pipeline = pipeline(database);
    pipeline.add(setting(10, 1));
    pipeline.add(setting(20, 2));
    awaitLocked(2);
    pipeline.kill();
    pipeline.close();
    assertThat(database.isLocked(2)).isFalse();
    holder.rollback();
    assertThat(database.positions()).isEmpty();
    assertThat(database.rows()).isEmpty();
  }

  @Test
  void takesNoLanesForOneAtATime() throws InterruptedException {
    most.set(1);
    try (ApplyPipeline pipeline = pipeline(database)) {
      pipeline.add(setting(10, 1));
      assertThat(pipeline.isIdle()).isTrue();
      int opened = database.opened();
      most.set(2);
      pipeline.add(setting(11, 1));
      pipeline.add(setting(12, 1));
      pipeline.drain();
      assertThat(database.opened()).isBetween(opened + 1, opened + 2);
    }
    assertInOrder(database, 3);
    assertThat(database.rows()).isEqualTo(Map.of(1, 12));
  }
}

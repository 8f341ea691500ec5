package dev.shunt.tablet.ownership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseServer;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.mysql.MysqlEndpoint;
import dev.shunt.mysql.MysqlException;
import dev.shunt.mysql.Password;
import dev.shunt.mysql.Positions;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletConfig;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.SidecarSchema;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** An alias belongs to one process: who comes later ends what an earlier one has open. */
@ParameterizedClass
@MethodSource("kinds")
class OwnershipIT {
  /** Gives no sign of life after its start: asleep, as far as the database can tell. */
  private static final OwnershipSettings ASLEEP =
      new OwnershipSettings(
          Duration.ofHours(1), Duration.ofHours(4), Duration.ofHours(4), Duration.ofMinutes(1));

  private static final OwnershipSettings QUICK =
      new OwnershipSettings(
          Duration.ofMillis(200),
          Duration.ofSeconds(2),
          Duration.ofSeconds(4),
          Duration.ofMinutes(1));

  private static final boolean FULL = Boolean.getBoolean("test.full");
  private static final AtomicInteger DATABASES = new AtomicInteger();

  @Parameter DatabaseKind kind;
  private static DatabaseServer server;
  private static DatabaseKind started;

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private final AtomicBoolean superseded = new AtomicBoolean();
  private TabletIdentity tablet;
  private MysqlConnection beside;

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available().stream()
        .filter(one -> FULL || one != DatabaseKind.MARIADB_10_11)
        .toList();
  }

  @BeforeEach
  void makeDatabase(@TempDir(cleanup = org.junit.jupiter.api.io.CleanupMode.NEVER) Path folder) {
    if (started != kind) {
      endServer();
      server = kind.start(DatabaseSettings.in(folder));
      started = kind;
    }
    tablet =
        TabletConfig.defaults(100, "ks", "0")
            .withDatabase("own" + DATABASES.incrementAndGet())
            .identity();
    beside = keep(MysqlConnection.open(endpoint()));
    SidecarSchema.create(beside, tablet.sidecar());
    SidecarSchema.createDatabase(beside, tablet.database());
    beside.use(tablet.database());
    beside.execute("CREATE TABLE t (id INT PRIMARY KEY)");
  }

  @AfterEach
  void closeAll() throws Exception {
    while (!toClose.isEmpty()) {
      toClose.pop().close();
    }
  }

  @AfterAll
  static void endServer() {
    if (server != null) {
      server.kill();
      server = null;
      started = null;
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    toClose.push(part);
    return part;
  }

  private static MysqlEndpoint endpoint() {
    return new MysqlEndpoint(
        server.host(), server.port(), server.user(), Password.of(server.password()), null);
  }

  private Ownership owner(OwnershipSettings settings) throws InterruptedException {
    Ownership owner = keep(new Ownership(tablet, endpoint(), settings, () -> superseded.set(true)));
    owner.take();
    return owner;
  }

  private MysqlConnection open(Ownership owner) {
    return keep(
        MysqlConnection.open(endpoint().withGate(owner.gate()).withDatabase(tablet.database())));
  }

  private List<String> rows() {
    return beside.execute("SELECT id FROM t ORDER BY id").rows().stream()
        .map(row -> row.text(0))
        .toList();
  }

  private static void requireSilence(Duration atLeast) {
    await().atMost(Duration.ofSeconds(30)).until(() -> longestSilence() >= atLeast.toSeconds());
  }

  /** How long connections of the account have said nothing, in seconds. */
  private static long longestSilence() {
    try (MysqlConnection asking = MysqlConnection.open(endpoint())) {
      return asking.execute("SHOW PROCESSLIST").rows().stream()
          .filter(row -> "Sleep".equals(row.text(4)))
          .mapToLong(row -> row.number(5))
          .max()
          .orElse(0);
    }
  }

  @Test
  void whoReplacesASleeperEndsWhatItHasOpen() throws Exception {
    Ownership sleeper = owner(ASLEEP);
    MysqlConnection idle = open(sleeper);
    MysqlConnection inTransaction = open(sleeper);
    inTransaction.execute("START TRANSACTION");
    inTransaction.execute("INSERT INTO t VALUES (1)");
    MysqlConnection wasReset = open(sleeper);
    wasReset.reset();
    MysqlConnection busy = open(sleeper);
    CompletableFuture<Object> statement =
        CompletableFuture.supplyAsync(() -> busy.execute("INSERT INTO t SELECT 9 + SLEEP(600)"));
    requireSilence(QUICK.silence());

    Ownership successor = owner(QUICK);

    // A statement that the server was at may still have ended well, but before this.
    List<String> then = rows();
    assertThat(then).isSubsetOf("10");
    for (MysqlConnection dead : List.of(idle, inTransaction, wasReset)) {
      assertThatThrownBy(() -> dead.execute("INSERT INTO t VALUES (2)"))
          .isInstanceOf(MysqlException.class);
    }
    assertThatThrownBy(() -> inTransaction.execute("COMMIT")).isInstanceOf(MysqlException.class);
    assertThatThrownBy(() -> statement.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class);
    assertThat(rows()).isEqualTo(then);
    requireRefused(sleeper);
    successor.verify();
    open(successor).execute("DELETE FROM t");
    open(successor).execute("INSERT INTO t VALUES (3)");
    assertThat(rows()).containsExactly("3");
    await().untilTrue(superseded);
  }

  private void requireRefused(Ownership sleeper) {
    assertThatThrownBy(() -> open(sleeper))
        .isInstanceOf(MysqlException.class)
        .hasMessageContaining("NOT_SERVING");
    assertThatThrownBy(sleeper::verify)
        .isInstanceOf(MysqlException.class)
        .hasMessageContaining("another process has taken its alias over");
    assertThatThrownBy(() -> open(sleeper)).isInstanceOf(MysqlException.class);
  }

  @Test
  void aLivingProcessKeepsItsAlias() throws Exception {
    OwnershipSettings patient =
        new OwnershipSettings(
            Duration.ofMillis(200),
            Duration.ofSeconds(8),
            Duration.ofSeconds(10),
            Duration.ofMinutes(1));
    Ownership living = owner(patient);
    MysqlConnection used = open(living);

    assertThatThrownBy(() -> owner(patient))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("zone1-0000000100 runs already")
        .hasMessageContaining("stop that process first");

    used.execute("INSERT INTO t VALUES (1)");
    living.verify();
    assertThat(superseded).isFalse();
  }

  @Test
  void whoEndsIsReplacedAtOnce() throws Exception {
    Ownership first = owner(QUICK);
    MysqlConnection left = open(first);
    left.execute("START TRANSACTION");
    left.execute("INSERT INTO t VALUES (1)");
    first.close();

    long from = System.nanoTime();
    Ownership second = owner(ASLEEP);

    assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(30));
    assertThatThrownBy(() -> left.execute("COMMIT")).isInstanceOf(MysqlException.class);
    assertThat(rows()).isEmpty();
    second.verify();
  }

  @Test
  void aLostLockIsRegainedWhileNobodyElseHadIt() throws Exception {
    Ownership owner = owner(QUICK);
    MysqlConnection used = open(owner);
    for (int i = 1; i <= 5; i++) {
      killOwner();
      open(owner).execute("INSERT INTO t VALUES (" + i + ")");
    }
    used.execute("INSERT INTO t VALUES (6)");
    assertThat(rows()).hasSize(6);
    owner.verify();
    assertThat(superseded).isFalse();
  }

  private void killOwner() {
    AliasLocks locks = new AliasLocks(tablet, UUID.randomUUID());
    locks
        .owner(beside)
        .ifPresent(id -> {
          locks.kill(beside, id);
          await().until(() -> !locks.owner(beside).equals(OptionalLong.of(id)));
        });
  }

  @Test
  void aServerThatStartsAnewGivesNoAliasBackToAProcessThatLostIt() throws Exception {
    Ownership sleeper = owner(ASLEEP);
    MysqlConnection old = open(sleeper);
    killOwner();
    Ownership successor = owner(ASLEEP);
    beside.close();

    server.kill();
    server.start();
    beside = keep(MysqlConnection.open(endpoint().withDatabase(tablet.database())));

    // The server numbers connections from the beginning: those of then may be others' now.
    List<MysqlConnection> others = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      others.add(keep(MysqlConnection.open(endpoint())));
    }
    assertThatThrownBy(() -> open(sleeper))
        .isInstanceOf(MysqlException.class)
        .hasMessageContaining("NOT_SERVING");
    assertThatThrownBy(() -> old.execute("INSERT INTO t VALUES (1)"))
        .isInstanceOf(MysqlException.class);
    open(successor).execute("INSERT INTO t VALUES (2)");
    assertThat(rows()).containsExactly("2");
    assertThat(others).hasSize(20);
  }

  @Test
  void whatASleeperOpensWhileItIsReplacedWritesNothingAfterwards() throws Exception {
    // The sleeper's side of it by hand, without its trying to get the alias back.
    AliasLocks locks = new AliasLocks(tablet, UUID.randomUUID());
    MysqlConnection sleeper = keep(MysqlConnection.open(endpoint()));
    assertThat(locks.takeOwner(sleeper)).isTrue();
    assertThat(locks.takeProcess(sleeper)).isTrue();
    requireSilence(QUICK.silence());
    AtomicBoolean over = new AtomicBoolean();
    AtomicBoolean replaced = new AtomicBoolean();
    AtomicInteger late = new AtomicInteger();
    AtomicInteger let = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger slots = new AtomicInteger();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      writers.add(
          Thread.ofVirtual()
              .start(() -> {
                while (!over.get()) {
                  try (MysqlConnection fresh =
                      MysqlConnection.open(endpoint().withDatabase(tablet.database()))) {
                    int slot = slots.getAndIncrement() % AliasLocks.SLOTS;
                    if (locks.takeSlot(fresh, slot) != AliasLocks.Slot.TAKEN) {
                      refused.incrementAndGet();
                      continue;
                    }
                    let.incrementAndGet();
                    boolean after = replaced.get();
                    fresh.execute("REPLACE INTO t VALUES (1)");
                    if (after) {
                      late.incrementAndGet();
                    }
                  } catch (MysqlException e) {
                    // ended by the successor
                  }
                }
              }));
    }
    await().until(() -> let.get() > 20);

    owner(QUICK);

    replaced.set(true);
    beside.execute("DELETE FROM t");
    int before = refused.get();
    await().until(() -> refused.get() > before + 20);
    over.set(true);
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(late).hasValue(0);
    assertThat(rows()).isEmpty();
  }

  private Ownership another(int uid, String database) {
    TabletIdentity other = TabletConfig.defaults(uid, "ks", "0").withDatabase(database).identity();
    return keep(new Ownership(other, endpoint(), QUICK, () -> superseded.set(true)));
  }

  @Test
  void anotherDatabaseIsNotConcerned() throws Exception {
    Ownership one = owner(ASLEEP);
    MysqlConnection used = open(one);
    requireSilence(QUICK.silence());
    another(101, tablet.database() + "_beside").take();
    another(100, tablet.database() + "_beside2").take();

    used.execute("INSERT INTO t VALUES (1)");
    one.verify();
    assertThat(superseded).isFalse();
  }

  @Test
  void aDatabaseIsServedByOneAlias() throws Exception {
    Ownership one = owner(QUICK);
    MysqlConnection used = open(one);
    Ownership other = another(101, tablet.database());

    assertThatThrownBy(other::take)
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("tablet zone1-0000000101 can't start: its database")
        .hasMessageContaining("is served by tablet zone1-0000000100, over connection ")
        .hasMessageContaining("stop that one's process first");

    used.execute("INSERT INTO t VALUES (1)");
    one.verify();
    other.close();
    one.close();
    Ownership renamed = another(101, tablet.database());
    renamed.take();
    open(renamed).execute("INSERT INTO t VALUES (2)");
    assertThat(rows()).containsExactly("1", "2");
  }

  /** As after a tablet was given another uid while the process that it had sleeps. */
  @Test
  void oneOfAnotherAliasThatSleepsIsEndedByHandAndThenReplaced() throws Exception {
    Ownership sleeper = owner(ASLEEP);
    MysqlConnection open = open(sleeper);
    open.execute("BEGIN");
    open.execute("INSERT INTO t VALUES (1)");
    requireSilence(QUICK.silence());
    assertThatThrownBy(another(101, tablet.database())::take).hasMessageContaining("KILL ");

    killOwner();
    Ownership renamed = another(101, tablet.database());
    renamed.take();

    assertThatThrownBy(() -> open.execute("COMMIT")).isInstanceOf(MysqlException.class);
    assertThatThrownBy(sleeper::verify)
        .hasMessageContaining("its database is served by tablet zone1-0000000101 by now");
    open(renamed).execute("INSERT INTO t VALUES (2)");
    assertThat(rows()).containsExactly("2");
  }

  @Test
  void aServerThatIsAReplicaLogsNothingOfIt() throws Exception {
    beReplica();
    String before = logged();

    Ownership first = owner(ASLEEP);
    killOwner();
    first.verify();
    killOwner();
    Ownership second = owner(ASLEEP);

    assertThat(logged()).isEqualTo(before);
    requireRefused(first);
    second.verify();
  }

  @Test
  void aServerThatIsNoReplicaAnyMoreStillTellsWhoseTheAliasIs() throws Exception {
    owner(ASLEEP).close();
    beReplica();
    Ownership owner = owner(ASLEEP);
    run(kind.engine() == Engine.MYSQL ? "RESET REPLICA ALL" : "RESET SLAVE ALL");
    killOwner();

    owner.verify();

    assertThat(superseded).isFalse();
    killOwner();
    Ownership successor = owner(ASLEEP);
    requireRefused(owner);
    successor.verify();
  }

  /** The source is not there; it need not be. */
  private void beReplica() {
    run(
        kind.engine() == Engine.MYSQL
            ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=1"
            : "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1");
    keep(() -> run(kind.engine() == Engine.MYSQL ? "RESET REPLICA ALL" : "RESET SLAVE ALL"));
  }

  private static void run(String statement) {
    try (MysqlConnection connection = MysqlConnection.open(endpoint())) {
      connection.execute(statement);
    }
  }

  private String logged() {
    return Positions.current(beside).toString();
  }

  @Test
  void aServerThatTakesNoWritesHasOwnersToo() throws Exception {
    owner(ASLEEP).close();
    MysqlEndpoint plain = plainAccount();
    run("SET GLOBAL read_only = 1");
    keep(() -> run("SET GLOBAL read_only = 0"));

    Ownership owner = keep(new Ownership(tablet, plain, ASLEEP, () -> superseded.set(true)));
    owner.take();
    killOwner();
    owner.verify();

    assertThat(superseded).isFalse();
  }

  /** Two primaries, for instance, or what a failover left. */
  @Test
  void aServerThatReplicatesAndTakesWritesNeedsANoteThatIsNotLogged() throws Exception {
    owner(ASLEEP).close();
    MysqlEndpoint plain = plainAccount();
    beReplica();

    Ownership owner = keep(new Ownership(tablet, plain, ASLEEP, () -> superseded.set(true)));

    assertThatThrownBy(owner::take)
        .hasMessageContaining(
            kind.engine() == Engine.MYSQL
                ? "GRANT SESSION_VARIABLES_ADMIN ON *.*"
                : "GRANT BINLOG ADMIN ON *.*");
  }

  /** An account that read_only holds for. */
  private MysqlEndpoint plainAccount() {
    run("CREATE USER IF NOT EXISTS 'plain'@'%' IDENTIFIED BY 'Plain-1-plain'");
    run("GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO 'plain'@'%'");
    run(
        kind.engine() == Engine.MYSQL
            ? "GRANT REPLICATION CLIENT ON *.* TO 'plain'@'%'"
            : "GRANT PROCESS, REPLICA MONITOR ON *.* TO 'plain'@'%'");
    return new MysqlEndpoint(
        server.host(), server.port(), "plain", Password.of("Plain-1-plain"), null);
  }
}

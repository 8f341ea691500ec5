package dev.shunt.vdiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.copy.CopyPlanner;
import dev.shunt.embedded.DatabaseKind;
import dev.shunt.embedded.DatabaseSettings;
import dev.shunt.embedded.Engine;
import dev.shunt.mysql.MysqlConnection;
import dev.shunt.saga.DifferenceGuard;
import dev.shunt.saga.SagaHandler;
import dev.shunt.saga.SagaPlanner;
import dev.shunt.saga.SagaSettings;
import dev.shunt.saga.StopSignal;
import dev.shunt.saga.Task;
import dev.shunt.saga.TaskHandler;
import dev.shunt.saga.fake.RecordingSink;
import dev.shunt.saga.fake.Samples;
import dev.shunt.schemas.Command;
import dev.shunt.schemas.CommandHeader;
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.MoveTablesComplete;
import dev.shunt.schemas.StepFinished;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.TrafficSwitched;
import dev.shunt.schemas.VDiffCreate;
import dev.shunt.schemas.VDiffTableFinished;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.switcher.SwitchPlanner;
import dev.shunt.time.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands of a workflow's life on real databases and tablets, one after another, while writers
 * write: created, compared, switched, compared the other way, reversed, switched and completed.
 */
class MoveTablesIT {
  private static final int ROWS = 3000;
  private static final List<String> ALL = List.of("PRIMARY", "REPLICA", "RDONLY");

  private static final Logger logger = LoggerFactory.getLogger(MoveTablesIT.class);

  @TempDir Path folder;
  private final RecordingSink log = new RecordingSink();

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  private String outcome(RealCluster cluster, SagaPlanner planner, Command command) {
    return run(
        new SagaHandler(
            cluster.topo,
            cluster.cluster()::lockName,
            log,
            log,
            "here",
            Time.system(),
            SagaSettings.DEFAULT,
            planner),
        command);
  }

  private String run(TaskHandler handler, Command command) {
    TaskHandler.Result result =
        handler.handle(new Task(WorkflowKey.of(command.header()), command, 0, 1), new StopSignal());
    assertThat(result).isEqualTo(TaskHandler.Result.FINISHED);
    return log.told().getLast();
  }

  private String copy(RealCluster cluster, Command command) {
    return outcome(
        cluster,
        new CopyPlanner(
            cluster.cluster(), task -> Optional.empty(), DifferenceGuard.NONE, Time.system()),
        command);
  }

  private String switching(RealCluster cluster, String id, Direction direction) {
    return outcome(
        cluster,
        new SwitchPlanner(cluster.cluster(), DifferenceGuard.NONE),
        new SwitchTraffic(
            Samples.header(id), ALL, List.of(), direction, 30_000, 30_000, true, false, false));
  }

  private String diff(RealCluster cluster, String id, String keyspace, String workflow) {
    return diff(cluster, id, keyspace, workflow, "PRIMARY", 30_000);
  }

  private String diff(
      RealCluster cluster,
      String id,
      String keyspace,
      String workflow,
      String tabletType,
      long waitMillis) {
    CommandHeader header = new CommandHeader(id, keyspace, workflow, "tester", "", null, false, 1);
    return outcome(
        cluster,
        new DiffPlanner(cluster.cluster(), SagaSettings.DEFAULT, 64L << 20),
        VDiffCreate.of(header)
            .with(draft -> {
              draft.uuid = "11111111-1111-1111-1111-11111111111" + id.charAt(id.length() - 1);
              draft.tabletTypes = List.of(tabletType);
              draft.limit = 0;
              draft.waitTimeoutMillis = waitMillis;
            }));
  }

  private static void load(RealCluster cluster) {
    cluster.run(
        "commerce/0",
        "create table orders (id bigint not null auto_increment, note varchar(40) not null,"
            + " amount decimal(10,2) default 1.5, primary key (id), key (note))");
    List<String> values = new ArrayList<>();
    for (int i = 1; i <= ROWS; i++) {
      values.add("(" + i + ", 'order " + i + "')");
    }
    cluster.run("commerce/0", "insert into orders (id, note) values " + String.join(", ", values));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void movesATableThereAndBackAndThereWhileItIsWrittenTo(DatabaseKind kind) throws Exception {
    try (RealCluster cluster = new RealCluster(folder, kind)) {
      load(cluster);
      assertThat(copy(cluster, Samples.create("c1", "orders"))).startsWith("succeeded");
      cluster.awaitCopied("c2c");
      assertThat(diff(cluster, "d1", "customer", "c2c")).endsWith("no differences");

      Set<Long> acknowledged;
      try (Writers writers = new Writers(cluster, 4)) {
        switchUnderLoad(cluster, writers, "s1", Direction.FORWARD);
        assertThat(diff(cluster, "d2", "commerce", "c2c_reverse")).endsWith("no differences");
        switchUnderLoad(cluster, writers, "s2", Direction.BACKWARD);
        assertThat(diff(cluster, "d3", "customer", "c2c")).endsWith("no differences");
        switchUnderLoad(cluster, writers, "s3", Direction.FORWARD);
        acknowledged = writers.acknowledged;
      }
      assertThat(copy(cluster, new MoveTablesComplete(Samples.header("c2"), false, false, false)))
          .startsWith("succeeded");
      Set<Long> found = new TreeSet<>();
      found.addAll(ids(cluster, "customer/-80"));
      found.addAll(ids(cluster, "customer/80-"));
      assertThat(found).containsAll(acknowledged);
      assertThat(found).hasSizeGreaterThanOrEqualTo(ROWS + acknowledged.size());
      assertThat(cluster.topo.routingRules().value().getRulesList()).isEmpty();
    }
  }

  private void switchUnderLoad(
      RealCluster cluster, Writers writers, String id, Direction direction) {
    int before = writers.acknowledged.size();
    await().atMost(Duration.ofSeconds(20)).until(() -> writers.acknowledged.size() > before + 200);
    writers.longestGapMillis();
    assertThat(switching(cluster, id, direction)).startsWith("succeeded");
    int then = writers.acknowledged.size();
    await().atMost(Duration.ofSeconds(20)).until(() -> writers.acknowledged.size() > then + 200);
    TrafficSwitched switched = log.ofType(TrafficSwitched.class).getLast();
    logger
        .atInfo()
        .addKeyValue("direction", direction)
        .addKeyValue("pauseMicros", switched.writePauseMicros())
        .addKeyValue("gapMillis", writers.longestGapMillis())
        .addKeyValue("steps", steps(switched.header().commandId()))
        .log("switched");
    assertThat(switched.writesSwitched()).isEqualTo(direction == Direction.FORWARD);
  }

  private String steps(String command) {
    return log.ofType(StepFinished.class).stream()
        .filter(step -> step.header().commandId().equals(command))
        .map(step -> step.step() + "=" + step.durationMicros() / 1000)
        .collect(Collectors.joining(" "));
  }

  private static Set<Long> ids(RealCluster cluster, String shard) {
    Set<Long> ids = new TreeSet<>();
    try (MysqlConnection connection = cluster.connect(shard)) {
      connection.execute("select id from orders").rows().forEach(row -> ids.add(row.number(0)));
    }
    return ids;
  }

  /** Where no log tells what they did; the streams would end in state Error for the same. */
  @ParameterizedTest
  @EnumSource(names = "MARIADB_11_4")
  void isNotCreatedWhereForeignKeysDoAnotherThingOnTheTarget(DatabaseKind kind) throws Exception {
    String parent = "create table p (id bigint primary key)";
    String child = "create table c (id bigint primary key, p bigint, key (p))";
    String add = "alter table c add constraint f foreign key (p) references p (id) on delete ";
    try (RealCluster cluster = new RealCluster(folder, kind)) {
      cluster.shardByHash(Map.of("p", "id", "c", "p"));
      cluster.run("commerce/0", parent, child, add + "cascade");
      for (String shard : List.of("customer/-80", "customer/80-")) {
        cluster.run(shard, parent, child, add + "set null");
      }

      assertThat(copy(cluster, Samples.create("c1", "c", "p")))
          .startsWith(
              "refused FAILED_PRECONDITION shard 0 to -80, 0 to 80-: foreign keys do not do")
          .contains("only the source has f of c (p to p.id, ON DELETE CASCADE)")
          .contains("only the target has f of c (p to p.id, ON DELETE SET NULL)");
      assertThat(cluster.cluster().workflow("customer", "c2c")).isEmpty();

      for (String shard : List.of("customer/-80", "customer/80-")) {
        cluster.run(shard, "alter table c drop foreign key f", add + "cascade");
      }
      assertThat(copy(cluster, Samples.create("c2", "c", "p"))).startsWith("succeeded");
      cluster.awaitCopied("c2c");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "MARIADB_11_4")
  void takesNamesAsServersDoThatKeepThemInLowerCase(DatabaseKind kind) {
    try (RealCluster cluster =
        new RealCluster(folder, kind, DatabaseSettings::withLowerCaseNames)) {
      cluster.shardByHash("t1", "id");
      cluster.run(
          "commerce/0",
          "create table T1 (Id bigint primary key, V varchar(9))",
          "insert into T1 values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')");
      for (String shard : List.of("customer/-80", "customer/80-")) {
        cluster.run(shard, "create table t1 (iD bigint primary key, v varchar(9))");
      }

      assertThat(copy(cluster, Samples.create("c1", "T1"))).startsWith("succeeded");

      cluster.awaitCopied("c2c");
      cluster.run(
          "commerce/0",
          "insert into t1 values (5, 'e'), (6, 'f')",
          "update T1 set v = 'B' where ID = 2",
          "delete from T1 where id = 1");
      assertThat(diff(cluster, "d1", "customer", "c2c")).endsWith("no differences");
      assertThat(
              cluster.number("customer/-80", "select count(*) from t1")
                  + cluster.number("customer/80-", "select count(*) from t1"))
          .isEqualTo(5);
      assertThat(copy(cluster, Samples.create("c2", "T2")))
          .contains("table(s) not found in source keyspace commerce: T2");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "MYSQL")
  void comparesNothingWithAReplicaThatIsBehind(DatabaseKind kind) {
    try (RealCluster cluster = new RealCluster(folder, kind)) {
      load(cluster);
      assertThat(copy(cluster, Samples.create("c1", "orders"))).startsWith("succeeded");
      cluster.awaitCopied("c2c");
      boolean mysql = kind.engine() == Engine.MYSQL;
      try (MysqlConnection replica =
          MysqlConnection.open(cluster.startReplica(folder.resolve("replica"), kind))) {
        replica.execute(mysql ? "STOP REPLICA SQL_THREAD" : "STOP SLAVE SQL_THREAD");
        cluster.run(
            "commerce/0",
            "update orders set note = 'later' where id <= 100",
            "delete from orders where id between 101 and 200");
        assertThat(replica.execute("select count(*) from orders").only().number(0)).isEqualTo(ROWS);

        assertThat(diff(cluster, "d1", "customer", "c2c", "REPLICA", 1_500))
            .endsWith("no differences");

        replica.execute(mysql ? "START REPLICA SQL_THREAD" : "START SLAVE SQL_THREAD");
        assertThat(diff(cluster, "d2", "customer", "c2c", "REPLICA", 30_000))
            .endsWith("no differences");
        assertThat(log.ofType(VDiffTableFinished.class))
            .allSatisfy(table -> assertThat(table.result().mismatchedRows()).isZero());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void findsEachKindOfDamage(DatabaseKind kind) throws Exception {
    try (RealCluster cluster = new RealCluster(folder, kind)) {
      load(cluster);
      assertThat(copy(cluster, Samples.create("c1", "orders"))).startsWith("succeeded");
      cluster.awaitCopied("c2c");
      long low = cluster.number("customer/-80", "select min(id) from orders");
      long high = cluster.number("customer/80-", "select max(id) from orders");
      cluster.run("customer/-80", "update orders set note = 'damaged' where id = " + low);
      cluster.run(
          "customer/80-",
          "delete from orders where id = " + high,
          "insert into orders (id, note) values (9999999, 'added')");
      assertThat(diff(cluster, "d1", "customer", "c2c")).endsWith("they differ");
      List<VDiffTableFinished> found = log.ofType(VDiffTableFinished.class);
      assertThat(found).hasSize(2);
      assertThat(found.getFirst().result().mismatchedRows()).isEqualTo(1);
      assertThat(found.getFirst().result().report()).contains("damaged");
      assertThat(found.getLast().result().extraRowsSource()).isEqualTo(1);
      assertThat(found.getLast().result().extraRowsTarget()).isEqualTo(1);
      assertThat(found.stream().mapToLong(f -> f.result().processedRows()).sum())
          .isEqualTo(ROWS + 1);
    }
  }
}

package dev.shunt.vdiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.shunt.cluster.Cluster;
import dev.shunt.copy.CopyPlanner;
import dev.shunt.embedded.DatabaseKind;
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
import dev.shunt.schemas.Direction;
import dev.shunt.schemas.SwitchTraffic;
import dev.shunt.schemas.WorkflowCreated;
import dev.shunt.schemas.WorkflowDelete;
import dev.shunt.schemas.WorkflowKey;
import dev.shunt.switcher.SwitchPlanner;
import dev.shunt.tabletclient.TabletClient;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.tabletclient.TabletException;
import dev.shunt.time.Time;
import dev.shunt.workflow.routing.DeniedTables;
import io.vitess.proto.Topodata;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tabletmanagerdata.Tabletmanagerdata.ExecuteFetchAsDbaRequest;

/**
 * Who is denied when, on real databases and tablets: a client that writes straight to the target
 * for the whole life of a workflow is never answered that its row is kept; and a switch that dies
 * in its pause gives writes back to the source though a target is away.
 */
class DenialIT {
  private static final List<String> TARGETS = List.of("-80", "80-");

  @TempDir Path folder;
  private final RecordingSink log = new RecordingSink();

  static List<DatabaseKind> kinds() {
    return DatabaseKind.available();
  }

  /** Stands for the death of the process: nothing of the run goes on. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Writes to the target's tablets all the time, whatever they answer. */
  private static final class TargetWriter implements AutoCloseable {
    final AtomicLong acknowledged = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    private final RealCluster cluster;
    private final List<Thread> threads;
    private volatile boolean stop;

    TargetWriter(RealCluster cluster) {
      this.cluster = cluster;
      this.threads =
          TARGETS.stream().map(shard -> Thread.ofVirtual().start(() -> write(shard))).toList();
    }

    private void write(String shard) {
      for (long id = 5_000_000; !stop; id++) {
        try {
          var unused =
              cluster
                  .client("customer", shard)
                  .execute("insert into orders (id, note) values (" + id + ", 'stray')");
          acknowledged.incrementAndGet();
        } catch (TabletException e) {
          refused.incrementAndGet();
          LockSupport.parkNanos(200_000);
        }
      }
    }

    void awaitMore(int refusals) {
      long before = refused.get();
      await().atMost(Duration.ofSeconds(30)).until(() -> refused.get() > before + refusals);
    }

    @Override
    public void close() {
      stop = true;
      for (Thread thread : threads) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private TaskHandler.Result run(RealCluster cluster, SagaPlanner planner, Command command) {
    return new SagaHandler(
            cluster.topo,
            cluster.cluster()::lockName,
            log,
            log,
            "here",
            Time.system(),
            SagaSettings.DEFAULT,
            planner)
        .handle(new Task(WorkflowKey.of(command.header()), command, 0, 1), new StopSignal());
  }

  private String copy(RealCluster cluster, Command command) {
    assertThat(
            run(
                cluster,
                new CopyPlanner(
                    cluster.cluster(), task -> created(), DifferenceGuard.NONE, Time.system()),
                command))
        .isEqualTo(TaskHandler.Result.FINISHED);
    return log.told().getLast();
  }

  private Optional<Set<String>> created() {
    return log.ofType(WorkflowCreated.class).stream()
        .findFirst()
        .map(event -> Set.copyOf(event.createdTables()));
  }

  private static SwitchTraffic forward(String id) {
    return forward(id, 30_000);
  }

  private static SwitchTraffic forward(String id, long timeoutMillis) {
    return new SwitchTraffic(
        Samples.header(id),
        List.of("PRIMARY", "REPLICA", "RDONLY"),
        List.of(),
        Direction.FORWARD,
        timeoutMillis,
        30_000,
        true,
        false,
        false);
  }

  private static boolean sourceTakes(RealCluster cluster, long id) {
    try {
      var unused =
          cluster
              .client("commerce", "0")
              .execute("insert into orders (id, note) values (" + id + ", 'n')");
      return true;
    } catch (TabletException e) {
      return false;
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void nobodyIsToldThatTheTargetKeptARowAndTheSourceOpensAgainWithoutIt(DatabaseKind kind)
      throws Exception {
    try (RealCluster cluster = new RealCluster(folder, kind);
        TargetWriter stray = new TargetWriter(cluster)) {
      cluster.run(
          "commerce/0",
          "create table orders (id bigint not null, note varchar(40) not null, primary key (id))",
          "insert into orders values (1, 'a'), (2, 'b'), (3, 'c')");
      stray.awaitMore(20);
      assertThat(copy(cluster, Samples.create("c1", "orders"))).startsWith("succeeded");
      cluster.awaitCopied("c2c");
      stray.awaitMore(20);

      giveWritesBackThoughATargetIsAway(cluster);

      assertThat(copy(cluster, new WorkflowDelete(Samples.header("c9"), false, false)))
          .startsWith("succeeded");
      stray.awaitMore(20);
      assertThat(stray.acknowledged).hasValue(0);
      for (String shard : TARGETS) {
        assertThat(DeniedTables.of(cluster.topo.shard("customer", shard).orElseThrow().value()))
            .isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aSwitchWaitsForAnOpenTransactionAndIsTakenBackWhenItDoesNotEnd(DatabaseKind kind)
      throws Exception {
    try (RealCluster cluster = new RealCluster(folder, kind)) {
      cluster.run(
          "commerce/0",
          "create table orders (id bigint not null, note varchar(40) not null, primary key (id))",
          "insert into orders values (1, 'a')");
      assertThat(copy(cluster, Samples.create("c1", "orders"))).startsWith("succeeded");
      cluster.awaitCopied("c2c");
      try (MysqlConnection writer = cluster.connect("commerce/0")) {
        writer.execute("begin");
        writer.execute("insert into orders values (7, 'open')");
        long from = System.nanoTime();
        assertThat(
                run(
                    cluster,
                    new SwitchPlanner(cluster.cluster(), DifferenceGuard.NONE),
                    forward("s1", 2000)))
            .isEqualTo(TaskHandler.Result.FINISHED);
        assertThat(log.told().getLast()).startsWith("command failed");
        assertThat(Duration.ofNanos(System.nanoTime() - from))
            .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(20));
        assertThat(sourceTakes(cluster, 8)).isTrue();
        assertThat(cluster.number("commerce/0", "select count(*) from _vt.resharding_journal"))
            .isZero();
        cluster.awaitCopied("c2c");

        List<TaskHandler.Result> results = new CopyOnWriteArrayList<>();
        Thread second =
            Thread.ofVirtual()
                .start(() ->
                    results.add(
                        run(
                            cluster,
                            new SwitchPlanner(cluster.cluster(), DifferenceGuard.NONE),
                            forward("s2"))));
        AtomicLong fresh = new AtomicLong(1000);
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> !sourceTakes(cluster, fresh.incrementAndGet()));
        await()
            .during(Duration.ofSeconds(1))
            .atMost(Duration.ofSeconds(20))
            .until(results::isEmpty);
        writer.execute("commit");
        second.join();
        assertThat(results).containsExactly(TaskHandler.Result.FINISHED);
      }
      assertThat(log.told().getLast()).startsWith("succeeded");
      assertThat(
              cluster.number("customer/-80", "select count(*) from orders where id = 7")
                  + cluster.number("customer/80-", "select count(*) from orders where id = 7"))
          .isOne();
    }
  }

  private void giveWritesBackThoughATargetIsAway(RealCluster cluster) throws Exception {
    try {
      var unused =
          run(
              cluster,
              new SwitchPlanner(
                  new Cluster(cluster.topo, dyingAtTheDrain(cluster.clients), Time.system()),
                  DifferenceGuard.NONE),
              forward("s1"));
      throw new AssertionError("did not die");
    } catch (Killed e) {
      assertThat(sourceTakes(cluster, 100)).isFalse();
    }
    cluster.stopTablet("customer/80-");
    List<TaskHandler.Result> results = new CopyOnWriteArrayList<>();
    Thread successor =
        Thread.ofVirtual()
            .start(() -> {
              while (results.stream().noneMatch(TaskHandler.Result.FINISHED::equals)) {
                results.add(
                    run(
                        cluster,
                        new SwitchPlanner(cluster.cluster(), DifferenceGuard.NONE),
                        forward("s1")));
              }
            });
    await().atMost(Duration.ofSeconds(20)).until(() -> sourceTakes(cluster, 101));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> log.told().contains("failed undo stop-streams"));
    assertThat(sourceTakes(cluster, 102)).isTrue();
    assertThat(results).isEmpty();
    cluster.startTablet("customer/80-");
    successor.join();
    assertThat(log.told().getLast()).startsWith("command failed");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            cluster.number("customer/-80", "select count(*) from orders")
                    + cluster.number("customer/80-", "select count(*) from orders")
                == 5);
  }

  /** The clients, until the source's tables are locked in the pause: there the process dies. */
  private static TabletClients dyingAtTheDrain(TabletClients real) {
    return new TabletClients() {
      @Override
      public TabletClient of(Topodata.Tablet tablet) {
        return dying(real.of(tablet));
      }

      @Override
      public void close() {}
    };
  }

  private static TabletClient dying(TabletClient real) {
    return (TabletClient)
        Proxy.newProxyInstance(
            TabletClient.class.getClassLoader(),
            new Class<?>[] {TabletClient.class},
            (proxy, method, arguments) -> {
              if (arguments != null
                  && arguments.length > 0
                  && (String.valueOf(arguments[0]).startsWith("LOCK TABLES")
                      || (arguments[0] instanceof ExecuteFetchAsDbaRequest request
                          && request.getQuery().toStringUtf8().startsWith("LOCK TABLES")))) {
                throw new Killed();
              }
              try {
                Object result = method.invoke(real, arguments);
                return result instanceof TabletClient client ? dying(client) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}

package dev.shunt.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shunt.embedded.Ports;
import dev.shunt.tabletclient.CallEffect;
import dev.shunt.tabletclient.TabletClientConfig;
import dev.shunt.tabletclient.TabletClients;
import dev.shunt.topo.Topo;
import dev.shunt.topo.TopoException;
import dev.shunt.topo.Topos;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import io.vitess.proto.Vtrpc;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application learns of a statement that its tablet did not carry out, or perhaps did. */
class OutcomesTest {
  @TempDir Path folder;
  private final Scripted tablet = new Scripted();
  private final TabletClients clients = TabletClients.grpc(TabletClientConfig.DEFAULT);
  private final AtomicBoolean topologyAway = new AtomicBoolean();
  private Topo topo;
  private int port;
  private Server server;
  private TrafficRouter router;

  /** A tablet that fails with what the test wants, then carries out. */
  private static final class Scripted extends queryservice.QueryGrpc.QueryImplBase {
    private final ConcurrentLinkedQueue<StatusRuntimeException> executes =
        new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<StatusRuntimeException> commits =
        new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<StatusRuntimeException> begins =
        new ConcurrentLinkedQueue<>();
    private final AtomicInteger began = new AtomicInteger();
    private final AtomicInteger executed = new AtomicInteger();
    private final AtomicInteger committed = new AtomicInteger();
    private final AtomicInteger rolledBack = new AtomicInteger();

    @Override
    public void execute(
        Query.ExecuteRequest request, StreamObserver<Query.ExecuteResponse> observer) {
      StatusRuntimeException failure = executes.poll();
      if (failure != null) {
        observer.onError(failure);
        return;
      }
      executed.incrementAndGet();
      observer.onNext(Query.ExecuteResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void beginExecute(
        Query.BeginExecuteRequest request, StreamObserver<Query.BeginExecuteResponse> observer) {
      Query.BeginExecuteResponse.Builder response =
          Query.BeginExecuteResponse.newBuilder().setTransactionId(7);
      StatusRuntimeException failure = begins.poll();
      if (failure != null) {
        response.setError(
            Vtrpc.RPCError.newBuilder()
                .setCodeValue(failure.getStatus().getCode().value())
                .setMessage(failure.getStatus().getDescription()));
      }
      began.incrementAndGet();
      observer.onNext(response.build());
      observer.onCompleted();
    }

    @Override
    public void commit(Query.CommitRequest request, StreamObserver<Query.CommitResponse> observer) {
      StatusRuntimeException failure = commits.poll();
      if (failure != null) {
        observer.onError(failure);
        return;
      }
      committed.incrementAndGet();
      observer.onNext(Query.CommitResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void rollback(
        Query.RollbackRequest request, StreamObserver<Query.RollbackResponse> observer) {
      rolledBack.incrementAndGet();
      observer.onNext(Query.RollbackResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  @BeforeEach
  void start() throws Exception {
    port = Ports.free();
    topo = Topos.local(folder);
    topo.createCell("zone1", Topodata.CellInfo.getDefaultInstance());
    topo.createKeyspace("commerce", Topodata.Keyspace.getDefaultInstance());
    topo.createShard("commerce", "0");
    topo.registerTablet(
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(100))
            .setHostname("127.0.0.1")
            .putPortMap("grpc", port)
            .setKeyspace("commerce")
            .setShard("0")
            .setType(Topodata.TabletType.PRIMARY)
            .build());
    topo.rebuildSrvVSchema(List.of());
    router =
        new TrafficRouter(
            canBeAway(topo),
            clients,
            new RouterConfig("zone1", Duration.ofSeconds(30), Duration.ofMillis(5)));
    assertThat(router.awaitKeyspace("commerce", Duration.ofSeconds(30))).isTrue();
  }

  private Topo canBeAway(Topo real) {
    return (Topo)
        Proxy.newProxyInstance(
            Topo.class.getClassLoader(),
            new Class<?>[] {Topo.class},
            (proxy, method, arguments) -> {
              if (topologyAway.get()) {
                throw new TopoException(TopoException.Kind.UNAVAILABLE, "away");
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void goesOnWithWhatItKnowsWhileTheTopologyIsAway() throws Exception {
    serve();
    topologyAway.set(true);
    for (int i = 0; i < 3; i++) {
      execute();
    }
    assertThat(tablet.executed).hasValue(3);
    topologyAway.set(false);
  }

  private void serve() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(tablet)
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    router.close();
    clients.close();
    topo.close();
    if (server != null) {
      server.shutdownNow();
    }
  }

  private static StatusRuntimeException answer(Status.Code code, String text) {
    return Status.fromCode(code).withDescription(text).asRuntimeException();
  }

  private void execute() throws InterruptedException {
    var unused = router.execute("commerce", "insert into t (id) values (1)", Map.of());
  }

  static List<StatusRuntimeException> surelyNotDone() {
    return List.of(
        answer(
            Status.Code.UNAVAILABLE,
            "operation not allowed in state NOT_SERVING: the tablet is shutting down"),
        answer(Status.Code.FAILED_PRECONDITION, "wrong tablet type: PRIMARY, want: REPLICA"),
        answer(Status.Code.FAILED_PRECONDITION, "disallowed due to rule: enforce denied tables"),
        answer(
            Status.Code.UNAVAILABLE,
            "can't connect to the database at 127.0.0.1:3306 (errno 2003) (sqlstate HY000)"));
  }

  @ParameterizedTest
  @MethodSource("surelyNotDone")
  void holdsWhatWasSurelyNotDoneAndSendsItAgain(StatusRuntimeException failure) throws Exception {
    serve();
    tablet.executes.add(failure);
    tablet.executes.add(failure);
    execute();
    assertThat(tablet.executed).hasValue(1);
    assertThat(tablet.executes).isEmpty();
  }

  @Test
  void holdsWhatCouldNotBeSentUntilTheTabletListens() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    Thread application =
        Thread.ofVirtual()
            .start(() -> {
              try {
                execute();
                done.countDown();
              } catch (InterruptedException e) {
                // the test is over
              }
            });
    assertThat(done.await(300, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(application.isAlive()).isTrue();
    serve();
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(tablet.executed).hasValue(1);
  }

  static List<StatusRuntimeException> perhapsDone() {
    Metadata trailers = new Metadata();
    trailers.put(CallEffect.TRAILER, CallEffect.UNKNOWN.text());
    return List.of(
        answer(Status.Code.UNAVAILABLE, "the connection was lost (errno 2013) (sqlstate HY000)"),
        answer(Status.Code.UNAVAILABLE, "io exception"),
        answer(Status.Code.INVALID_ARGUMENT, "Unknown error (errno 1105) (sqlstate HY000)"),
        answer(Status.Code.UNKNOWN, "Got error 4 during COMMIT (errno 1180) (sqlstate HY000)"),
        answer(Status.Code.DEADLINE_EXCEEDED, "deadline exceeded after 30 s"),
        answer(Status.Code.CANCELLED, "cancelled"),
        answer(Status.Code.INTERNAL, "internal error"),
        answer(Status.Code.UNKNOWN, "application error"),
        Status.INVALID_ARGUMENT
            .withDescription("the COMMIT was sent")
            .asRuntimeException(trailers));
  }

  @ParameterizedTest
  @MethodSource("perhapsDone")
  void tellsThatItIsNotKnownWhetherItWasDone(StatusRuntimeException failure) throws Exception {
    serve();
    tablet.executes.add(failure);
    assertThatThrownBy(this::execute)
        .isInstanceOfSatisfying(
            RoutingException.class,
            e -> assertThat(e.kind()).isEqualTo(RoutingException.Kind.UNCERTAIN));
    assertThat(tablet.executed).hasValue(0);
  }

  static List<StatusRuntimeException> refused() {
    return List.of(
        answer(Status.Code.ALREADY_EXISTS, "Duplicate entry (errno 1062) (sqlstate 23000)"),
        answer(Status.Code.INVALID_ARGUMENT, "syntax error"),
        answer(Status.Code.UNKNOWN, "Out of range (errno 1690) (sqlstate 22003)"),
        answer(Status.Code.DEADLINE_EXCEEDED, "Lock wait (errno 1205) (sqlstate HY000)"),
        answer(Status.Code.ABORTED, "Deadlock (errno 1213) (sqlstate 40001)"),
        answer(Status.Code.RESOURCE_EXHAUSTED, "no connection of the app pool got free"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void tellsThatItWasNotDone(StatusRuntimeException failure) throws Exception {
    serve();
    tablet.executes.add(failure);
    assertThatThrownBy(this::execute)
        .isInstanceOfSatisfying(
            RoutingException.class,
            e -> assertThat(e.kind()).isEqualTo(RoutingException.Kind.FAILED));
    assertThat(tablet.executed).hasValue(0);
  }

  private void transaction() throws InterruptedException {
    var unused =
        router.<Boolean>transaction(
            "commerce",
            transaction -> {
              transaction.execute("insert into t (id) values (1)", Map.of());
              transaction.execute("insert into t (id) values (2)", Map.of());
              return true;
            });
  }

  static List<StatusRuntimeException> transactionsGone() {
    return List.of(
        answer(Status.Code.UNAVAILABLE, "the connection was lost (errno 2013) (sqlstate HY000)"),
        answer(Status.Code.UNAVAILABLE, "io exception"),
        answer(Status.Code.ABORTED, "transaction 7: not found"),
        answer(Status.Code.ABORTED, "transaction 7: ended: its connection was lost"));
  }

  @ParameterizedTest
  @MethodSource("transactionsGone")
  void runsATransactionAgainThatBrokeBeforeItsCommit(StatusRuntimeException failure)
      throws Exception {
    serve();
    tablet.executes.add(failure);
    transaction();
    assertThat(tablet.executed).hasValue(1); // the second statement; the first one began it
    assertThat(tablet.committed).hasValue(1);
    assertThat(tablet.rolledBack).hasValue(1);
  }

  @Test
  void runsATransactionAgainWhoseTabletDidNotKnowItAtItsCommit() throws Exception {
    serve();
    tablet.commits.add(answer(Status.Code.ABORTED, "transaction 7: not found"));
    transaction();
    assertThat(tablet.executed).hasValue(2);
    assertThat(tablet.committed).hasValue(1);
  }

  @ParameterizedTest
  @MethodSource("perhapsDone")
  void neverRunsATransactionAgainWhoseCommitWasSent(StatusRuntimeException failure)
      throws Exception {
    serve();
    tablet.commits.add(failure);
    assertThatThrownBy(this::transaction)
        .isInstanceOfSatisfying(
            RoutingException.class,
            e -> assertThat(e.kind()).isEqualTo(RoutingException.Kind.UNCERTAIN));
    assertThat(tablet.executed).hasValue(1);
    assertThat(tablet.committed).hasValue(0);
  }

  @Test
  void rollsBackATransactionWhoseCommitWasNotTakenBeforeItRunsAgain() throws Exception {
    serve();
    tablet.commits.add(
        answer(
            Status.Code.UNAVAILABLE,
            "operation not allowed in state NOT_SERVING: the tablet is shutting down"));
    transaction();
    assertThat(tablet.rolledBack).hasValue(1);
    assertThat(tablet.executed).hasValue(2);
    assertThat(tablet.committed).hasValue(1);
  }

  @Test
  void neverRunsACallAgainWhoseAnswerWasLost() throws Exception {
    serve();
    tablet.executes.add(answer(Status.Code.UNAVAILABLE, "io exception"));
    assertThatThrownBy(() ->
            router.<Boolean>transaction(
                "commerce",
                transaction -> {
                  transaction.execute("insert into t (id) values (1)", Map.of());
                  transaction.execute("call p()", Map.of());
                  return true;
                }))
        .isInstanceOfSatisfying(
            RoutingException.class,
            e -> assertThat(e.kind()).isEqualTo(RoutingException.Kind.UNCERTAIN));
    assertThat(tablet.rolledBack).hasValue(1);
    assertThat(tablet.committed).hasValue(0);
  }

  /** A transaction in which a procedure is called, that may commit, and other work follows. */
  private void transactionWithCall(String first, String second, String third) {
    assertThatThrownBy(() ->
            router.<Boolean>transaction(
                "commerce",
                transaction -> {
                  for (String sql : List.of(first, second, third)) {
                    transaction.execute(sql, Map.of());
                  }
                  return true;
                }))
        .isInstanceOfSatisfying(
            RoutingException.class,
            e -> assertThat(e.kind()).isEqualTo(RoutingException.Kind.UNCERTAIN));
  }

  static List<StatusRuntimeException> reasonsToRunAgain() {
    List<StatusRuntimeException> all = new ArrayList<>(surelyNotDone());
    all.addAll(transactionsGone());
    all.addAll(refused());
    return all;
  }

  @ParameterizedTest
  @MethodSource("reasonsToRunAgain")
  void neverRunsACallAgainBehindWhichSomethingFailed(StatusRuntimeException failure)
      throws Exception {
    serve();
    tablet.executes.add(failure);
    transactionWithCall("call p()", "insert into t (id) values (1)", "select 1 from t");
    assertThat(tablet.began).hasValue(1);
    assertThat(tablet.executed).hasValue(0);
    assertThat(tablet.committed).hasValue(0);
    assertThat(tablet.rolledBack).hasValue(1);
  }

  @Test
  void neverRunsACallAgainWhoseTransactionIsGoneAtItsCommit() throws Exception {
    serve();
    tablet.commits.add(answer(Status.Code.ABORTED, "transaction 7: not found"));
    transactionWithCall("insert into t (id) values (1)", "call p()", "select 1 from t");
    assertThat(tablet.began).hasValue(1);
  }

  @Test
  void doesNotTakeAFailedCallForUndone() throws Exception {
    serve();
    StatusRuntimeException failure =
        answer(Status.Code.ALREADY_EXISTS, "Duplicate entry (errno 1062) (sqlstate 23000)");
    tablet.begins.add(failure);
    transactionWithCall("call p()", "select 1 from t", "select 1 from t");
    tablet.executes.add(failure);
    transactionWithCall("insert into t (id) values (1)", "call p()", "select 1 from t");
    tablet.executes.add(failure);
    assertThatThrownBy(() -> router.execute("commerce", "call p()", Map.of()))
        .isInstanceOfSatisfying(
            RoutingException.class,
            e -> assertThat(e.kind()).isEqualTo(RoutingException.Kind.UNCERTAIN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/*!99999 select 1 from t */ call p()",
        "/*M! select 1 from t; */ delete from t",
        "delete from t where id = 1 /*!80000 or id = 2 */",
        "insert into t (id) values (1) /*M!100000 , (2) */",
      })
  void refusesWhatDependsOnTheServersVersion(String sql) throws Exception {
    serve();
    assertThatThrownBy(() -> router.execute("commerce", sql, Map.of()))
        .isInstanceOfSatisfying(
            RoutingException.class,
            e -> assertThat(e.kind()).isEqualTo(RoutingException.Kind.REFUSED));
    assertThat(tablet.executed).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select /*!40001 SQL_NO_CACHE */ id from t",
        "select '/*! x */' from t",
        "insert into t (id) values (1) /* not /*! */",
      })
  void sendsWhatIsTheSameOnAllServers(String sql) throws Exception {
    serve();
    var unused = router.execute("commerce", sql, Map.of());
    assertThat(tablet.executed).hasValue(1);
  }

  @Test
  void sendsACallAgainThatWasRefusedBeforeItBegan() throws Exception {
    serve();
    tablet.executes.addAll(surelyNotDone());
    var unused = router.execute("commerce", "call p()", Map.of());
    assertThat(tablet.executed).hasValue(1);
    assertThat(tablet.executes).isEmpty();
  }
}

package dev.shunt.tabletclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import queryservice.QueryGrpc;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsResponse;
import tabletmanagerservice.TabletManagerGrpc;

class TabletClientTest {
  private static final Context.Key<String> FENCE = Context.key("fence");

  private final FakeManager manager = new FakeManager();
  private final FakeQuery query = new FakeQuery();
  private @Nullable Server server;
  private GrpcTabletClients clients = new GrpcTabletClients(TabletClientConfig.DEFAULT);
  private int port;

  /** A tablet that answers what the test put there. */
  private static final class FakeManager extends TabletManagerGrpc.TabletManagerImplBase {
    private final AtomicReference<String> fence = new AtomicReference<>("");
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private volatile Status failure = Status.OK;
    private volatile ReadVReplicationWorkflowResponse workflow =
        ReadVReplicationWorkflowResponse.getDefaultInstance();

    @Override
    public void vReplicationExec(
        Tabletmanagerdata.VReplicationExecRequest request,
        StreamObserver<Tabletmanagerdata.VReplicationExecResponse> answer) {
      fence.set(String.valueOf(FENCE.get()));
      if (!failure.isOk()) {
        answer.onError(failure.asRuntimeException());
        return;
      }
      answer.onNext(
          Tabletmanagerdata.VReplicationExecResponse.newBuilder()
              .setResult(Query.QueryResult.newBuilder().setRowsAffected(1))
              .build());
      answer.onCompleted();
    }

    @Override
    public void readVReplicationWorkflow(
        Tabletmanagerdata.ReadVReplicationWorkflowRequest request,
        StreamObserver<ReadVReplicationWorkflowResponse> answer) {
      answer.onNext(workflow);
      answer.onCompleted();
    }

    @Override
    public void vReplicationWaitForPos(
        Tabletmanagerdata.VReplicationWaitForPosRequest request,
        StreamObserver<Tabletmanagerdata.VReplicationWaitForPosResponse> answer) {
      ((ServerCallStreamObserver<?>) answer).setOnCancelHandler(cancelled::countDown);
    }

    @Override
    public void ping(
        Tabletmanagerdata.PingRequest request,
        StreamObserver<Tabletmanagerdata.PingResponse> answer) {
      answer.onNext(Tabletmanagerdata.PingResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }

  private static final class FakeQuery extends QueryGrpc.QueryImplBase {
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final AtomicInteger sent = new AtomicInteger();
    private volatile int rows = 100;
    private volatile Status end = Status.OK;

    @Override
    public void streamExecute(
        Query.StreamExecuteRequest request, StreamObserver<Query.StreamExecuteResponse> answer) {
      var observer = (ServerCallStreamObserver<Query.StreamExecuteResponse>) answer;
      observer.setOnCancelHandler(cancelled::countDown);
      Runnable send =
          () -> {
            while (observer.isReady() && sent.get() < rows) {
              observer.onNext(
                  Query.StreamExecuteResponse.newBuilder()
                      .setResult(
                          Query.QueryResult.newBuilder()
                              .setRowsAffected(sent.getAndIncrement())
                              .setInfo("x".repeat(10_000)))
                      .build());
              if (sent.get() == rows) {
                if (end.isOk()) {
                  observer.onCompleted();
                } else {
                  observer.onError(end.asRuntimeException());
                }
              }
            }
          };
      observer.setOnReadyHandler(send);
    }
  }

  private static final class FenceReader implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(FENCE, headers.get(Fence.HEADER)), call, headers, next);
    }
  }

  @BeforeEach
  void start() throws IOException {
    start(0);
  }

  private void start(int wanted) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .intercept(new FenceReader())
            .addService(
                ShuntTablet.service(
                    WatchStreams.method((request, answer) -> {
                      answer.onNext(
                          ReadVReplicationWorkflowsResponse.newBuilder()
                              .addWorkflows(
                                  ReadVReplicationWorkflowResponse.newBuilder()
                                      .setWorkflow(request.getIncludeWorkflows(0)))
                              .build());
                      answer.onCompleted();
                    })));
    for (BindableService service : List.of(manager, query)) {
      builder.addService(service);
    }
    server = builder.build().start();
    port = server.getPort();
  }

  @AfterEach
  void stop() throws InterruptedException {
    clients.close();
    stopServer();
  }

  private void stopServer() throws InterruptedException {
    Server running = server;
    if (running != null) {
      running.shutdownNow().awaitTermination();
    }
  }

  private TabletClient client() {
    return clients.of(
        Topodata.Tablet.newBuilder()
            .setAlias(Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(100))
            .setHostname("127.0.0.1")
            .putPortMap("grpc", port)
            .setKeyspace("customer")
            .setShard("-80")
            .setType(Topodata.TabletType.PRIMARY)
            .build());
  }

  private static TabletException failure(ThrowingCallable call) {
    return catchThrowableOfType(TabletException.class, call);
  }

  @Test
  void sendsTheFenceOnlyWhenThereIsOne() {
    TabletClient plain = client();
    TabletClient fenced = plain.withFence(new Fence("customer/c2c", 17));

    assertThat(plain.vReplicationExec("select 1").getRowsAffected()).isEqualTo(1);
    assertThat(manager.fence).hasValue("null");
    assertThat(fenced.withDeadline(Duration.ofSeconds(5)).vReplicationExec("x").getRowsAffected())
        .isEqualTo(1);
    assertThat(manager.fence).hasValue("customer/c2c:17");
    assertThat(Fence.parse("customer/c2c:17")).isEqualTo(new Fence("customer/c2c", 17));
    assertThatThrownBy(() -> Fence.parse("17")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Fence("a b", 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsMysqlsErrorNumber() {
    manager.failure =
        Status.NOT_FOUND.withDescription(
            "Table 'x.t' doesn't exist (errno 1146) (sqlstate 42S02) during query: select 1");

    TabletException thrown = failure(() -> client().vReplicationExec("select 1"));

    assertThat(thrown.code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(thrown.mysqlErrno()).isEqualTo(1146);
    assertThat(thrown.sqlState()).isEqualTo("42S02");
    assertThat(thrown.transientFailure()).isFalse();
    assertThat(thrown)
        .hasMessageContaining("VReplicationExec at zone1-0000000100")
        .hasMessageContaining("doesn't exist");
    manager.failure = Status.FAILED_PRECONDITION.withDescription("no number");
    assertThat(failure(() -> client().vReplicationExec("x")).mysqlErrno()).isZero();
  }

  @Test
  void aWorkflowThatIsNotThereIsEmpty() {
    assertThat(client().readVReplicationWorkflow("c2c")).isEmpty();
    manager.workflow = ReadVReplicationWorkflowResponse.newBuilder().setWorkflow("c2c").build();
    assertThat(client().readVReplicationWorkflow("c2c")).isPresent();
  }

  @Test
  void aCallEndsAtItsDeadlineOrWithItsThread() throws Exception {
    client().ping(); // the deadline is for the call, not for the connection
    TabletClient hurried = client().withDeadline(Duration.ofMillis(500));
    TabletException late = failure(() -> hurried.vReplicationWaitForPos(1, "p"));
    assertThat(late.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(late.transientFailure()).isTrue();
    assertThat(manager.cancelled.await(20, TimeUnit.SECONDS)).isTrue();

    AtomicReference<TabletException> thrown = new AtomicReference<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> thrown.set(failure(() -> client().vReplicationWaitForPos(1, "p"))));
    await().until(() -> waiting.getState() == Thread.State.WAITING);
    waiting.interrupt();
    assertThat(waiting.join(Duration.ofSeconds(5))).isTrue();
    assertThat(thrown.get().code()).isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void readsAStreamToItsEnd() {
    try (TabletStream<Query.QueryResult> stream =
        client().streamExecute(Query.StreamExecuteRequest.getDefaultInstance())) {
      for (int i = 0; i < 100; i++) {
        assertThat(stream.next().getRowsAffected()).isEqualTo(i);
      }
      assertThat(stream.hasNext()).isFalse();
      assertThat(stream.hasNext()).isFalse();
    }
  }

  @Test
  void aStreamThatBreaksSaysWhyAfterItsMessages() {
    query.rows = 3;
    query.end = Status.UNAVAILABLE.withDescription("gone (errno 2013) (sqlstate HY000)");
    TabletStream<Query.QueryResult> stream =
        client().streamExecute(Query.StreamExecuteRequest.getDefaultInstance());
    for (int i = 0; i < 3; i++) {
      assertThat(stream.hasNext()).isTrue();
      assertThat(stream.next().getRowsAffected()).isEqualTo(i);
    }
    assertThat(failure(stream::hasNext).mysqlErrno()).isEqualTo(2013);
    assertThat(failure(stream::next).code()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void closingAStreamCancelsItAndHoldsBackTheSender() throws Exception {
    query.rows = Integer.MAX_VALUE;
    TabletStream<Query.QueryResult> stream =
        client().streamExecute(Query.StreamExecuteRequest.getDefaultInstance());
    assertThat(stream.next().getRowsAffected()).isZero();
    // What is not read is not sent beyond the windows of the connection.
    await().during(Duration.ofMillis(200)).until(() -> query.sent.get() < 1000);

    stream.close();

    query.cancelled.await();
    assertThat(
            failure(
                    () -> {
                      while (stream.hasNext()) {
                        stream.next();
                      }
                    })
                .code())
        .isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void watchesStreamsThroughTheHandMadeMethod() {
    try (var stream =
        client()
            .watchStreams(
                ReadVReplicationWorkflowsRequest.newBuilder().addIncludeWorkflows("c2c").build())) {
      assertThat(stream.next().getWorkflows(0).getWorkflow()).isEqualTo("c2c");
      assertThat(stream.hasNext()).isFalse();
    }
  }

  @Test
  void aTabletWithoutTheMethodAnswersUnimplemented() {
    TabletException thrown = failure(() -> client().primaryPosition());
    assertThat(thrown.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void aTabletThatComesBackIsReachedAtOnce() throws Exception {
    TabletClient client = client();
    client.ping();
    stopServer();
    assertThat(failure(client::ping).code()).isEqualTo(Status.Code.UNAVAILABLE);
    for (int i = 0; i < 5; i++) {
      assertThat(failure(client::ping).transientFailure()).isTrue();
    }
    start(port);

    await()
        .atMost(Duration.ofSeconds(10))
        .ignoreExceptionsInstanceOf(TabletException.class)
        .untilAsserted(client::ping);
  }

  @Test
  void aChannelThatIsNotUsedIsClosedAndOpenedAgain() {
    clients.close();
    clients =
        new GrpcTabletClients(
            new TabletClientConfig(
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofMillis(300),
                1 << 20));
    TabletClient client = client();
    client.ping();
    assertThat(clients.pool().size()).isEqualTo(1);
    query.rows = Integer.MAX_VALUE;
    TabletStream<Query.QueryResult> stream =
        client.streamExecute(Query.StreamExecuteRequest.getDefaultInstance());
    assertThat(stream.hasNext()).isTrue();
    await().during(Duration.ofMillis(700)).until(() -> clients.pool().size() == 1);

    stream.close();
    await().until(() -> clients.pool().size() == 0);

    client.ping();
    assertThat(clients.pool().size()).isEqualTo(1);
  }

  @Test
  void refusesATabletWithoutAnAddress() {
    assertThatThrownBy(
            () -> clients.of(Topodata.Tablet.newBuilder().setHostname("localhost").build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no grpc port");
  }

  @Test
  void readsRowsByColumn() {
    Query.QueryResult result =
        Query.QueryResult.newBuilder()
            .addFields(Query.Field.newBuilder().setName("id"))
            .addFields(Query.Field.newBuilder().setName("message"))
            .addFields(Query.Field.newBuilder().setName("empty"))
            .addRows(
                Query.Row.newBuilder()
                    .addLengths(2)
                    .addLengths(-1)
                    .addLengths(0)
                    .setValues(ByteString.copyFromUtf8("42")))
            .build();

    ResultRow row = ResultRow.of(result).getFirst();

    assertThat(row.number("id")).isEqualTo(42);
    assertThat(row.bytes("message")).isNull();
    assertThat(row.text("message")).isEmpty();
    assertThat(row.bytes("empty")).isEqualTo(ByteString.EMPTY);
    assertThat(row.values()).hasSize(3);
    assertThatThrownBy(() -> row.text("other")).isInstanceOf(IllegalArgumentException.class);
  }
}

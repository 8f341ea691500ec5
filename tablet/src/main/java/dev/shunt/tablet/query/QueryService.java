package dev.shunt.tablet.query;

import binlogdata.Binlogdata;
import dev.shunt.mysql.Position;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.VStreamer;
import dev.shunt.tablet.rpc.CallHeaders;
import dev.shunt.tablet.rpc.Rpc;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.HoldSnapshot;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.VStreamChanges;
import dev.shunt.tabletclient.VStreamRows;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Query;
import io.vitess.proto.Vtrpc;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import queryservice.QueryGrpc;

/** Vitess's Query service. Calls that are not overridden here answer UNIMPLEMENTED. */
public final class QueryService extends QueryGrpc.QueryImplBase {
  private final TabletIdentity identity;
  private final ServingState serving;
  private final QueryExecutor executor;
  private final VStreamer streamer;
  private final Duration healthInterval;

  /**
   * Serves one tablet.
   *
   * @param healthInterval time between health messages while nothing changes
   */
  public QueryService(
      TabletIdentity identity,
      ServingState serving,
      QueryExecutor executor,
      VStreamer streamer,
      Duration healthInterval) {
    this.identity = identity;
    this.serving = serving;
    this.executor = executor;
    this.streamer = streamer;
    this.healthInterval = healthInterval;
  }

  @Override
  public void execute(
      Query.ExecuteRequest request, StreamObserver<Query.ExecuteResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          long transaction = request.getTransactionId();
          try (ServingState.Pass _ =
              admit(
                  request.hasTarget(), request.getTarget(), request.getReservedId(), transaction)) {
            return Query.ExecuteResponse.newBuilder()
                .setResult(executor.execute(request.getQuery(), transaction, request.getOptions()))
                .build();
          }
        });
  }

  @Override
  public void streamExecute(
      Query.StreamExecuteRequest request, StreamObserver<Query.StreamExecuteResponse> observer) {
    Rpc.stream(
        "stream-execute",
        observer,
        sink -> {
          long transaction = request.getTransactionId();
          try (ServingState.Pass _ =
              admit(
                  request.hasTarget(), request.getTarget(), request.getReservedId(), transaction)) {
            executor.stream(
                request.getQuery(),
                transaction,
                request.getOptions(),
                result ->
                    sink.accept(
                        Query.StreamExecuteResponse.newBuilder().setResult(result).build()));
          }
        });
  }

  @Override
  public void begin(Query.BeginRequest request, StreamObserver<Query.BeginResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          try (ServingState.Pass _ = admit(request.hasTarget(), request.getTarget(), 0, 0)) {
            return Query.BeginResponse.newBuilder()
                .setTransactionId(executor.begin(request.getOptions()))
                .setTabletAlias(identity.alias())
                .build();
          }
        });
  }

  @Override
  public void commit(Query.CommitRequest request, StreamObserver<Query.CommitResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          checkTarget(request.hasTarget(), request.getTarget());
          executor.commit(request.getTransactionId());
          return Query.CommitResponse.getDefaultInstance();
        });
  }

  @Override
  public void rollback(
      Query.RollbackRequest request, StreamObserver<Query.RollbackResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          checkTarget(request.hasTarget(), request.getTarget());
          executor.rollback(request.getTransactionId());
          return Query.RollbackResponse.getDefaultInstance();
        });
  }

  /** How a gateway ends the transaction of a client that has gone; as a rollback here. */
  @Override
  public void release(
      Query.ReleaseRequest request, StreamObserver<Query.ReleaseResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          checkTarget(request.hasTarget(), request.getTarget());
          refuseReserved(request.getReservedId());
          executor.rollback(request.getTransactionId());
          return Query.ReleaseResponse.getDefaultInstance();
        });
  }

  @Override
  public void beginExecute(
      Query.BeginExecuteRequest request, StreamObserver<Query.BeginExecuteResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          try (ServingState.Pass _ =
              admit(request.hasTarget(), request.getTarget(), request.getReservedId(), 0)) {
            return beginExecute(request);
          }
        });
  }

  private Query.BeginExecuteResponse beginExecute(Query.BeginExecuteRequest request)
      throws InterruptedException {
    executor.check(request.getQuery());
    long id = executor.begin(request.getOptions());
    Query.BeginExecuteResponse.Builder response =
        Query.BeginExecuteResponse.newBuilder()
            .setTransactionId(id)
            .setTabletAlias(identity.alias());
    try {
      response.setResult(executor.execute(request.getQuery(), id, request.getOptions()));
    } catch (RuntimeException e) {
      // The transaction is open: its id goes back beside the error, as in Vitess.
      var status = Rpc.status(e).getStatus();
      response.setError(
          Vtrpc.RPCError.newBuilder()
              .setCodeValue(status.getCode().value())
              .setMessage(String.valueOf(status.getDescription())));
    }
    return response.build();
  }

  @Override
  public void streamHealth(
      Query.StreamHealthRequest request, StreamObserver<Query.StreamHealthResponse> observer) {
    Rpc.stream("stream-health", observer, this::sendHealth);
  }

  private void sendHealth(StreamSink<Query.StreamHealthResponse> sink) throws InterruptedException {
    while (!Thread.currentThread().isInterrupted()) {
      long version = serving.version();
      ServingState.Role role = serving.role();
      String reason = serving.reason();
      sink.accept(
          Query.StreamHealthResponse.newBuilder()
              .setTarget(target(role))
              .setServing(reason.isEmpty())
              .setPrimaryTermStartTimestamp(role.primaryTermStart())
              .setRealtimeStats(Query.RealtimeStats.newBuilder().setHealthError(reason))
              .setTabletAlias(identity.alias())
              .build());
      serving.awaitChange(version, healthInterval.toNanos());
    }
  }

  private void streamChanges(
      Binlogdata.VStreamRequest request, StreamObserver<EventPacket> observer) {
    Rpc.stream(
        "vstream",
        observer,
        sink -> {
          checkTarget(request.hasTarget(), request.getTarget());
          streamer.vstream(
              request.getPosition(),
              request.getFilter(),
              request.getTableLastPKsList(),
              request.getOptions(),
              sink);
        });
  }

  @Override
  public void vStreamResults(
      Binlogdata.VStreamResultsRequest request,
      StreamObserver<Binlogdata.VStreamResultsResponse> observer) {
    Rpc.stream(
        "vstream-results",
        observer,
        sink -> {
          checkTarget(request.hasTarget(), request.getTarget());
          streamer.vstreamResults(request.getQuery(), sink);
        });
  }

  /** The service for a gRPC server. */
  public ServerServiceDefinition definition() {
    return VStreamChanges.in(VStreamRows.in(bindService(), this::streamRows), this::streamChanges);
  }

  private void streamRows(
      Binlogdata.VStreamRowsRequest request, StreamObserver<RowPacket> observer) {
    Rpc.stream(
        "vstream-rows",
        observer,
        sink -> {
          checkTarget(request.hasTarget(), request.getTarget());
          streamer.vstreamRows(
              request.getQuery(),
              request.hasLastpk() ? request.getLastpk() : null,
              request.getOptions(),
              CallHeaders.snapshot().orElse(null),
              sink);
        });
  }

  /** The method by which a snapshot is held. */
  public ServerMethodDefinition<?, ?> snapshotMethod() {
    return HoldSnapshot.method(this::holdSnapshot);
  }

  private void holdSnapshot(
      Binlogdata.VStreamTablesRequest request,
      StreamObserver<Binlogdata.VStreamTablesResponse> observer) {
    Rpc.stream(
        "hold-snapshot",
        observer,
        sink -> {
          checkTarget(request.hasTarget(), request.getTarget());
          streamer.holdSnapshot(
              CallHeaders.snapshot()
                  .orElseThrow(() ->
                      new RpcException(
                          Status.Code.INVALID_ARGUMENT, "header shunt-snapshot is missing")),
              request.getOptions().getTablesToCopyList(),
              sessions(request.getOptions()),
              wanted(request.getOptions()),
              request
                  .getOptions()
                  .getConfigOverridesOrDefault(HoldSnapshot.BY_KEYS, "")
                  .equals("1"),
              sink);
        });
  }

  private static int sessions(Binlogdata.VStreamOptions options) {
    String text = options.getConfigOverridesOrDefault(HoldSnapshot.SESSIONS, "1");
    if (!text.matches("[1-9]|[1-5][0-9]|6[0-4]")) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT, "sessions must be between 1 and 64: " + text);
    }
    return Integer.parseInt(text);
  }

  private static @Nullable Position wanted(Binlogdata.VStreamOptions options) {
    String text = options.getConfigOverridesOrDefault(HoldSnapshot.AT_LEAST, "");
    try {
      return text.isEmpty() ? null : Position.parse(text);
    } catch (IllegalArgumentException e) {
      throw new RpcException(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
  }

  private ServingState.Pass admit(
      boolean hasTarget, Query.Target target, long reservedId, long transactionId) {
    if (hasTarget) {
      checkPlace(target);
    }
    refuseReserved(reservedId);
    return serving.enter(hasTarget ? target.getTabletType() : null, transactionId != 0);
  }

  private static void refuseReserved(long id) {
    if (id != 0) {
      throw new RpcException(
          Status.Code.UNIMPLEMENTED, "reserved connections are not supported by this tablet");
    }
  }

  /** A caller without a target is inside of the cluster's own tools; vttablet lets it through. */
  private void checkTarget(boolean given, Query.Target target) {
    if (given) {
      checkPlace(target);
      serving.check(target.getTabletType());
    }
  }

  private void checkPlace(Query.Target target) {
    mismatch("keyspace", target.getKeyspace(), identity.keyspace());
    mismatch("shard", target.getShard(), identity.shard());
  }

  private static void mismatch(String what, String wanted, String own) {
    if (!wanted.equals(own)) {
      throw new RpcException(
          Status.Code.INVALID_ARGUMENT,
          "invalid " + what + " " + wanted + " does not match expected " + own);
    }
  }

  private Query.Target target(ServingState.Role role) {
    return Query.Target.newBuilder()
        .setKeyspace(identity.keyspace())
        .setShard(identity.shard())
        .setTabletType(role.type())
        .build();
  }
}

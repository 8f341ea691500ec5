package dev.shunt.tablet.query;

import binlogdata.Binlogdata;
import dev.shunt.tablet.StreamSink;
import dev.shunt.tablet.TabletException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.VStreamer;
import dev.shunt.tablet.rpc.Rpc;
import dev.shunt.tabletclient.EventPacket;
import dev.shunt.tabletclient.RowPacket;
import dev.shunt.tabletclient.VStreamChanges;
import dev.shunt.tabletclient.VStreamRows;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import io.vitess.proto.Vtrpc;
import java.time.Duration;
import queryservice.QueryGrpc;

/** Vitess's Query service. Calls that are not overridden here answer UNIMPLEMENTED. */
public final class QueryService extends QueryGrpc.QueryImplBase {
  private final TabletIdentity identity;
  private final Topodata.TabletType type;
  private final long primaryTermStart;
  private final ServingState serving;
  private final QueryExecutor executor;
  private final VStreamer streamer;
  private final Duration healthInterval;

  /**
   * Serves one tablet.
   *
   * @param primaryTermStart when it became primary, in seconds since 1970; 0 when it is not
   * @param healthInterval time between health messages while nothing changes
   */
  public QueryService(
      TabletIdentity identity,
      Topodata.TabletType type,
      long primaryTermStart,
      ServingState serving,
      QueryExecutor executor,
      VStreamer streamer,
      Duration healthInterval) {
    this.identity = identity;
    this.type = type;
    this.primaryTermStart = primaryTermStart;
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
          admit(request.hasTarget(), request.getTarget(), request.getReservedId());
          return Query.ExecuteResponse.newBuilder()
              .setResult(
                  executor.execute(
                      request.getQuery(), request.getTransactionId(), request.getOptions()))
              .build();
        });
  }

  @Override
  public void streamExecute(
      Query.StreamExecuteRequest request, StreamObserver<Query.StreamExecuteResponse> observer) {
    Rpc.stream(
        "stream-execute",
        observer,
        sink -> {
          admit(request.hasTarget(), request.getTarget(), request.getReservedId());
          executor.stream(
              request.getQuery(),
              request.getTransactionId(),
              request.getOptions(),
              result ->
                  sink.accept(Query.StreamExecuteResponse.newBuilder().setResult(result).build()));
        });
  }

  @Override
  public void begin(Query.BeginRequest request, StreamObserver<Query.BeginResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          admit(request.hasTarget(), request.getTarget(), 0);
          return Query.BeginResponse.newBuilder()
              .setTransactionId(executor.begin(request.getOptions()))
              .setTabletAlias(identity.alias())
              .build();
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

  @Override
  public void beginExecute(
      Query.BeginExecuteRequest request, StreamObserver<Query.BeginExecuteResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          admit(request.hasTarget(), request.getTarget(), request.getReservedId());
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
        });
  }

  @Override
  public void streamHealth(
      Query.StreamHealthRequest request, StreamObserver<Query.StreamHealthResponse> observer) {
    Rpc.stream("stream-health", observer, this::tellHealth);
  }

  private void tellHealth(StreamSink<Query.StreamHealthResponse> sink) throws InterruptedException {
    while (!Thread.currentThread().isInterrupted()) {
      long version = serving.version();
      String reason = serving.reason();
      sink.accept(
          Query.StreamHealthResponse.newBuilder()
              .setTarget(target())
              .setServing(reason.isEmpty())
              .setPrimaryTermStartTimestamp(primaryTermStart)
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
              sink);
        });
  }

  private void admit(boolean hasTarget, Query.Target target, long reservedId) {
    checkTarget(hasTarget, target);
    if (reservedId != 0) {
      throw new TabletException(
          Status.Code.UNIMPLEMENTED, "reserved connections are not supported by this tablet");
    }
    serving.check();
  }

  /** A caller without a target is inside of the cluster's own tools; vttablet lets it through. */
  private void checkTarget(boolean given, Query.Target target) {
    if (!given) {
      return;
    }
    mismatch("keyspace", target.getKeyspace(), identity.keyspace());
    mismatch("shard", target.getShard(), identity.shard());
    if (target.getTabletType() != type) {
      throw new TabletException(
          Status.Code.FAILED_PRECONDITION,
          "wrong tablet type: " + target.getTabletType() + ", want: " + type);
    }
  }

  private static void mismatch(String what, String wanted, String own) {
    if (!wanted.equals(own)) {
      throw new TabletException(
          Status.Code.INVALID_ARGUMENT,
          "invalid " + what + " " + wanted + " does not match expected " + own);
    }
  }

  private Query.Target target() {
    return Query.Target.newBuilder()
        .setKeyspace(identity.keyspace())
        .setShard(identity.shard())
        .setTabletType(type)
        .build();
  }
}

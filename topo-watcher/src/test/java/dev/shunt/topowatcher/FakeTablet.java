package dev.shunt.topowatcher;

import binlogdata.Binlogdata.VReplicationWorkflowState;
import com.google.protobuf.ByteString;
import dev.shunt.tabletclient.ShuntTablet;
import dev.shunt.tabletclient.WatchStreams;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Query;
import io.vitess.proto.Topodata;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tabletmanagerdata.Tabletmanagerdata;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowResponse;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsRequest;
import tabletmanagerdata.Tabletmanagerdata.ReadVReplicationWorkflowsResponse;
import tabletmanagerservice.TabletManagerGrpc;

/** A tablet with the streams that a test gives it, served over gRPC. */
final class FakeTablet extends TabletManagerGrpc.TabletManagerImplBase implements AutoCloseable {
  private final Topodata.TabletAlias alias;
  private final boolean watchable;
  private final Map<String, ReadVReplicationWorkflowResponse> workflows = new TreeMap<>();
  private final List<StreamObserver<ReadVReplicationWorkflowsResponse>> watchers =
      new CopyOnWriteArrayList<>();
  private final List<String> executed = new CopyOnWriteArrayList<>();
  private @Nullable Server server;
  private int port;

  FakeTablet(int uid, boolean watchable) throws IOException {
    this.alias = Topodata.TabletAlias.newBuilder().setCell("zone1").setUid(uid).build();
    this.watchable = watchable;
    start();
  }

  void start() throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .addService(this);
    if (watchable) {
      builder.addService(ShuntTablet.service(WatchStreams.method(this::watch)));
    }
    Server started = builder.build().start();
    server = started;
    port = started.getPort();
  }

  Topodata.Tablet tablet(String keyspace, String shard) {
    return Topodata.Tablet.newBuilder()
        .setAlias(alias)
        .setHostname("127.0.0.1")
        .putPortMap("grpc", port)
        .setKeyspace(keyspace)
        .setShard(shard)
        .setType(Topodata.TabletType.PRIMARY)
        .build();
  }

  /** Gives a workflow one stream in a state. */
  synchronized void put(String workflow, VReplicationWorkflowState state, String position) {
    workflows.put(
        workflow,
        ReadVReplicationWorkflowResponse.newBuilder()
            .setWorkflow(workflow)
            .addStreams(
                ReadVReplicationWorkflowResponse.Stream.newBuilder()
                    .setId(1)
                    .setState(state)
                    .setPos(position))
            .build());
    watchers.forEach(watcher -> watcher.onNext(all()));
  }

  synchronized void remove(String workflow) {
    workflows.remove(workflow);
    watchers.forEach(watcher -> watcher.onNext(all()));
  }

  List<String> executed() {
    return executed;
  }

  private ReadVReplicationWorkflowsResponse all() {
    return ReadVReplicationWorkflowsResponse.newBuilder()
        .addAllWorkflows(workflows.values())
        .build();
  }

  private synchronized void watch(
      ReadVReplicationWorkflowsRequest request,
      StreamObserver<ReadVReplicationWorkflowsResponse> watcher) {
    ((ServerCallStreamObserver<?>) watcher).setOnCancelHandler(() -> watchers.remove(watcher));
    watchers.add(watcher);
    watcher.onNext(all());
  }

  @Override
  public synchronized void readVReplicationWorkflows(
      ReadVReplicationWorkflowsRequest request,
      StreamObserver<ReadVReplicationWorkflowsResponse> answer) {
    answer.onNext(all());
    answer.onCompleted();
  }

  @Override
  public void vReplicationExec(
      Tabletmanagerdata.VReplicationExecRequest request,
      StreamObserver<Tabletmanagerdata.VReplicationExecResponse> answer) {
    executed.add(request.getQuery());
    answer.onNext(
        Tabletmanagerdata.VReplicationExecResponse.newBuilder()
            .setResult(
                Query.QueryResult.newBuilder()
                    .addFields(Query.Field.newBuilder().setName("vrepl_id"))
                    .addFields(Query.Field.newBuilder().setName("table_name"))
                    .addFields(Query.Field.newBuilder().setName("lastpk"))
                    .addRows(
                        Query.Row.newBuilder()
                            .addLengths(1)
                            .addLengths(6)
                            .addLengths(-1)
                            .setValues(ByteString.copyFromUtf8("1corder"))))
            .build());
    answer.onCompleted();
  }

  void stop() throws InterruptedException {
    Server running = server;
    if (running != null) {
      running.shutdownNow().awaitTermination();
    }
    watchers.clear();
  }

  @Override
  public void close() {
    Server running = server;
    if (running != null) {
      running.shutdownNow();
    }
  }
}

package dev.shunt.tablet.manager;

import dev.shunt.mysql.SqlText;
import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.TabletIdentity;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.rpc.Rpc;
import dev.shunt.topo.Aliases;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Topodata;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/** The calls that say how far the server is, and what replicates from where. */
final class ReplicationCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private static final String JOURNAL = "reparent_journal";

  private final TabletIdentity identity;
  private final ConnectionPool pool;
  private final ServerPosition position;
  private final RoleControl role;

  ReplicationCalls(
      TabletIdentity identity, ConnectionPool pool, ServerPosition position, RoleControl role) {
    this.identity = identity;
    this.pool = pool;
    this.position = position;
    this.role = role;
  }

  @Override
  public void primaryPosition(
      PrimaryPositionRequest request, StreamObserver<PrimaryPositionResponse> observer) {
    Rpc.answer(
        observer,
        () -> PrimaryPositionResponse.newBuilder().setPosition(position.current()).build());
  }

  @Override
  public void waitForPosition(
      WaitForPositionRequest request, StreamObserver<WaitForPositionResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          position.await(request.getPosition(), CallTime.remaining());
          return WaitForPositionResponse.getDefaultInstance();
        });
  }

  @Override
  public void primaryStatus(
      PrimaryStatusRequest request, StreamObserver<PrimaryStatusResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          try (ConnectionPool.Lease lease = pool.borrow()) {
            return PrimaryStatusResponse.newBuilder()
                .setStatus(ServerStatus.primary(lease.connection()))
                .build();
          }
        });
  }

  @Override
  public void replicationStatus(
      ReplicationStatusRequest request, StreamObserver<ReplicationStatusResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          try (ConnectionPool.Lease lease = pool.borrow()) {
            return ReplicationStatusResponse.newBuilder()
                .setStatus(
                    ServerStatus.replica(lease.connection())
                        .orElseThrow(() ->
                            new RpcException(
                                Status.Code.FAILED_PRECONDITION,
                                "no replication status: the server of tablet "
                                    + identity.aliasText()
                                    + " is no replica")))
                .build();
          }
        });
  }

  @Override
  public void fullStatus(FullStatusRequest request, StreamObserver<FullStatusResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          try (ConnectionPool.Lease lease = pool.borrow()) {
            return FullStatusResponse.newBuilder()
                .setStatus(
                    ServerStatus.full(lease.connection()).toBuilder().setTabletType(role.type()))
                .build();
          }
        });
  }

  @Override
  public void readReparentJournalInfo(
      ReadReparentJournalInfoRequest request,
      StreamObserver<ReadReparentJournalInfoResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          String sql = "SELECT COUNT(*) FROM " + SqlText.qualified(identity.sidecar(), JOURNAL);
          try (ConnectionPool.Lease lease = pool.borrow()) {
            return ReadReparentJournalInfoResponse.newBuilder()
                .setLength((int) lease.connection().execute(sql).only().number(0))
                .build();
          }
        });
  }

  @Override
  public void populateReparentJournal(
      PopulateReparentJournalRequest request,
      StreamObserver<PopulateReparentJournalResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          if (role.type() != Topodata.TabletType.PRIMARY) {
            throw new RpcException(
                Status.Code.FAILED_PRECONDITION,
                "tablet "
                    + identity.aliasText()
                    + " is no primary: only a primary's journal counts");
          }
          String sql =
              "INSERT INTO %s (time_created_ns, action_name, primary_alias, replication_position)"
                      .formatted(SqlText.qualified(identity.sidecar(), JOURNAL))
                  + " VALUES (%s, %s, %s, %s)"
                      .formatted(
                          Long.toUnsignedString(request.getTimeCreatedNs()),
                          SqlText.literal(request.getActionName()),
                          SqlText.literal(Aliases.text(request.getPrimaryAlias())),
                          SqlText.literal(request.getReplicationPosition()));
          try (ConnectionPool.Lease lease = pool.borrow()) {
            lease.connection().execute(sql);
          }
          return PopulateReparentJournalResponse.getDefaultInstance();
        });
  }

  @Override
  public void getReplicas(
      GetReplicasRequest request, StreamObserver<GetReplicasResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          try (ConnectionPool.Lease lease = pool.borrow()) {
            return GetReplicasResponse.newBuilder()
                .addAllAddrs(Replicas.addresses(lease.connection()))
                .build();
          }
        });
  }
}

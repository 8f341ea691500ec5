package dev.shunt.tablet.manager;

import dev.shunt.tablet.RpcException;
import dev.shunt.tablet.database.ConnectionPool;
import dev.shunt.tablet.rpc.Rpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.vitess.proto.Topodata;
import java.time.Duration;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/** The calls about what the tablet is in the topology. */
final class RoleCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private static final Duration LONGEST_REFRESH = Duration.ofSeconds(30);

  private final RoleControl role;
  private final ConnectionPool pool;

  RoleCalls(RoleControl role, ConnectionPool pool) {
    this.role = role;
    this.pool = pool;
  }

  @Override
  public void refreshState(
      RefreshStateRequest request, StreamObserver<RefreshStateResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          role.refresh(CallTime.remaining(LONGEST_REFRESH));
          return RefreshStateResponse.getDefaultInstance();
        });
  }

  @Override
  public void changeType(ChangeTypeRequest request, StreamObserver<ChangeTypeResponse> observer) {
    Rpc.answerWaiting(
        observer,
        () -> {
          if (request.getSemiSync()) {
            requireSemiSync(request.getTabletType());
          }
          role.changeType(request.getTabletType());
          return ChangeTypeResponse.getDefaultInstance();
        });
  }

  /** Who wants it must not think to have it; to switch it on is up to who runs the server. */
  private void requireSemiSync(Topodata.TabletType type) throws InterruptedException {
    try (ConnectionPool.Lease lease = pool.borrow()) {
      SemiSync semiSync = SemiSync.read(lease.connection());
      boolean enabled =
          type == Topodata.TabletType.PRIMARY
              ? semiSync.sourceEnabled()
              : semiSync.replicaEnabled();
      if (!enabled) {
        throw new RpcException(
            Status.Code.FAILED_PRECONDITION,
            "semi-sync is asked for, but the server of this tablet has it not enabled");
      }
    }
  }

  @Override
  public void changeTags(ChangeTagsRequest request, StreamObserver<ChangeTagsResponse> observer) {
    Rpc.answer(
        observer,
        () ->
            ChangeTagsResponse.newBuilder()
                .putAllTags(role.changeTags(request.getTagsMap(), request.getReplace()))
                .build());
  }
}

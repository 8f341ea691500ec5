package dev.shunt.tablet.manager;

import dev.shunt.tablet.rpc.Rpc;
import io.grpc.stub.StreamObserver;
import tabletmanagerdata.Tabletmanagerdata.*;
import tabletmanagerservice.TabletManagerGrpc;

/** The calls about the tablet and its server: health, read-only, locks. */
final class ServerCalls extends TabletManagerGrpc.TabletManagerImplBase {
  private final Administration administration;
  private final ServerPosition position;
  private final TableLock tableLock;

  ServerCalls(Administration administration, ServerPosition position, TableLock tableLock) {
    this.administration = administration;
    this.position = position;
    this.tableLock = tableLock;
  }

  @Override
  public void ping(PingRequest request, StreamObserver<PingResponse> observer) {
    Rpc.answer(observer, () -> PingResponse.newBuilder().setPayload(request.getPayload()).build());
  }

  @Override
  public void runHealthCheck(
      RunHealthCheckRequest request, StreamObserver<RunHealthCheckResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          var unused = position.current();
          return RunHealthCheckResponse.getDefaultInstance();
        });
  }

  @Override
  public void setReadOnly(
      SetReadOnlyRequest request, StreamObserver<SetReadOnlyResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          administration.setReadOnly(true);
          return SetReadOnlyResponse.getDefaultInstance();
        });
  }

  @Override
  public void setReadWrite(
      SetReadWriteRequest request, StreamObserver<SetReadWriteResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          administration.setReadOnly(false);
          return SetReadWriteResponse.getDefaultInstance();
        });
  }

  @Override
  public void lockTables(LockTablesRequest request, StreamObserver<LockTablesResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          tableLock.lock();
          return LockTablesResponse.getDefaultInstance();
        });
  }

  @Override
  public void unlockTables(
      UnlockTablesRequest request, StreamObserver<UnlockTablesResponse> observer) {
    Rpc.answer(
        observer,
        () -> {
          tableLock.unlock();
          return UnlockTablesResponse.getDefaultInstance();
        });
  }
}

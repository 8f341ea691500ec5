package dev.shunt.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GrpcServerTest {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration LONG = Duration.ofMinutes(1);

  private final HealthStatusManager health = new HealthStatusManager();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void serving() {
    health.setStatus("", ServingStatus.SERVING);
  }

  @AfterEach
  void endThreads() {
    release.countDown();
    threads.close();
  }

  @Test
  void servesHealthAndTellsItsServices() throws Exception {
    try (GrpcServer server = builder().health(health).reflection().start()) {
      ManagedChannel channel = GrpcChannelBuilder.to(LOOPBACK, server.port()).open();
      try {
        assertThat(check(channel, "").getStatus()).isEqualTo(ServingStatus.SERVING);
        assertThat(services(channel).getListServicesResponse().getServiceList())
            .extracting(ServiceResponse::getName)
            .contains("grpc.health.v1.Health");
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void refusesWhatIsLargerThanTheLimit() throws IOException {
    try (GrpcServer server = builder().health(health).maxMessageBytes(1000).start()) {
      ManagedChannel channel = GrpcChannelBuilder.to(LOOPBACK + ":" + server.port()).open();
      try {
        assertCode(channel, "x".repeat(900), Status.Code.NOT_FOUND);
        assertCode(channel, "x".repeat(1100), Status.Code.RESOURCE_EXHAUSTED);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void letsACallGoOnForTheGrace() throws Exception {
    GrpcServer server = builder().health(health).intercept(new Holding()).grace(LONG).start();
    ManagedChannel channel = GrpcChannelBuilder.to(LOOPBACK, server.port()).open();
    try {
      Future<HealthCheckResponse> answer = threads.submit(() -> check(channel, ""));
      held.await();
      int port = server.port();
      Future<?> closed = threads.submit(server::close);
      await().until(() -> isRefused(port));
      release.countDown();

      assertThat(answer.get(1, TimeUnit.MINUTES).getStatus()).isEqualTo(ServingStatus.SERVING);
      closed.get(1, TimeUnit.MINUTES);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void endsACallAtOnceWithoutGrace() throws Exception {
    GrpcServer server = builder().health(health).intercept(new Holding()).start();
    ManagedChannel channel = GrpcChannelBuilder.to(LOOPBACK, server.port()).open();
    try {
      Future<?> answer =
          threads.submit(
              () -> assertCode(channel, "", Status.Code.CANCELLED, Status.Code.UNAVAILABLE));
      held.await();

      server.close();

      answer.get(1, TimeUnit.MINUTES);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void saysThatItsPortIsTaken() throws IOException {
    try (GrpcServer server = builder().start()) {
      assertThatThrownBy(() -> GrpcServer.on(LOOPBACK, server.port(), threads).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(server.port()));
    }
  }

  private GrpcServer.Builder builder() {
    return GrpcServer.on(LOOPBACK, 0, threads);
  }

  private static HealthCheckResponse check(ManagedChannel channel, String service) {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.newBuilder().setService(service).build());
  }

  private static void assertCode(ManagedChannel channel, String service, Status.Code... codes) {
    assertThatThrownBy(() -> check(channel, service))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isIn((Object[]) codes));
  }

  private static boolean isRefused(int port) throws IOException {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }

  private static ServerReflectionResponse services(ManagedChannel channel) throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable error) {
                    answer.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    ServerReflectionResponse response = answer.get(1, TimeUnit.MINUTES);
    requests.onCompleted();
    return response;
  }

  /** Holds every call back until it is released. */
  private final class Holding implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      held.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return next.startCall(call, headers);
    }
  }
}
